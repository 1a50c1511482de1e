package sluice;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackages;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaPackage;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import io.vertx.core.Future;
import java.time.Clock;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZonedDateTime;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@AnalyzeClasses(packages = "sluice", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    private static final Set<String> CLOCK_READERS = Set.of("now", "system", "systemUTC", "systemDefaultZone",
            "tickMillis", "tickSeconds", "tickMinutes");

    private static final String[] STAGES = {"sluice.proxy.admission..", "sluice.proxy.attempt..",
            "sluice.proxy.owned..", "sluice.proxy.reuse..", "sluice.proxy.socket.."};

    @ArchTest
    static final ArchRule openaiImportsNothingOfOurs = imports("openai");

    @ArchTest
    static final ArchRule timeImportsNothingOfOurs = imports("time");

    @ArchTest
    static final ArchRule isolationImportsNothingOfOurs = imports("isolation");

    @ArchTest
    static final ArchRule callersRequestsKnowOnlyWhatIsShared = imports("inbound", "isolation", "net");

    @ArchTest
    static final ArchRule netKnowsOnlyWhatIsShared = imports("net", "isolation", "time");

    @ArchTest
    static final ArchRule quotaKnowsOnlyTheApi = imports("quota", "openai", "time");

    @ArchTest
    static final ArchRule tenancyStandsOnCapabilities = imports("tenancy", "cache", "cluster", "isolation", "ledger",
            "metrics", "net", "openai", "quota", "schedule", "time");

    @ArchTest
    static final ArchRule accountStandsOnCapabilities = imports("account", "cluster", "isolation", "ledger", "metrics",
            "net", "openai", "quota", "schedule", "time", "upstream");

    @ArchTest
    static final ArchRule identityKnowsNoTenants = imports("identity", "isolation", "metrics", "net", "time");

    @ArchTest
    static final ArchRule loginKnowsNoRoles = imports("login", "net", "time");

    @ArchTest
    static final ArchRule ledgerKnowsOnlyLimits = imports("ledger", "quota", "time");

    @ArchTest
    static final ArchRule rehearsalsTouchNothingThatRuns = imports("rehearsal", "calls", "openai", "price", "quota",
            "tenancy", "time");

    @ArchTest
    static final ArchRule ownersStandOnTheLedger = imports("owners", "ledger", "time");

    @ArchTest
    static final ArchRule callsStandOnTheLedger = imports("calls", "isolation", "ledger", "metrics", "openai", "price",
            "time");

    @ArchTest
    static final ArchRule managementStandsOnTheLedgerAndTenancy = imports("managed", "ledger", "quota", "tenancy",
            "time");

    @ArchTest
    static final ArchRule explanationsStandOnCapabilities = imports("explain", "cache", "metrics", "openai", "price",
            "quota",
            "schedule", "tenancy", "time");

    @ArchTest
    static final ArchRule refusalsKnowNothingOfStages = imports("proxy.refusal", "isolation", "metrics", "openai",
            "price",
            "quota", "schedule", "upstream");

    @ArchTest
    static final ArchRule bodiesKnowNothingOfStages = imports("proxy.body", "inbound", "isolation", "net", "openai",
            "proxy.refusal", "quota", "upstream.call");

    @ArchTest
    static final ArchRule pathKnowsItsStagesOnlyByWhatTheyTakeAndReturn = noClasses().that()
            .resideInAPackage("sluice.proxy").should().dependOnClassesThat()
            .resideInAnyPackage(STAGES);

    @ArchTest
    static final ArchRule stagesShareNothingButOwnership = slices().matching("sluice.proxy.(*)..")
            .should().notDependOnEachOther()
            .ignoreDependency(resideInAnyPackage("sluice.proxy.."), resideOutsideOfPackages(STAGES))
            .ignoreDependency(resideInAnyPackage("sluice.proxy.."), resideInAnyPackage("sluice.proxy.owned"));

    @ArchTest
    static final ArchRule nobodyButTheCommandsKnowsTheEdge = noClasses().that()
            .resideOutsideOfPackages("sluice.edge..", "sluice.cli..", "sluice.config..").should().dependOnClassesThat()
            .resideInAPackage("sluice.edge..");

    @ArchTest
    static final ArchRule scheduleKnowsOnlyTheApi = imports("schedule", "isolation", "openai", "time");

    @ArchTest
    static final ArchRule cacheKnowsOnlyTheApi = imports("cache", "isolation", "openai", "time");

    @ArchTest
    static final ArchRule sharedAnswersStandOnCacheAndCluster = imports("answers", "cache", "cluster", "isolation",
            "openai", "time");

    @ArchTest
    static final ArchRule upstreamKnowsOnlyTheApi = imports("upstream", "isolation", "net", "openai",
            "time");

    @ArchTest
    static final ArchRule callsToTheUpstreamImportNothingOfOurs = imports("upstream.call");

    @ArchTest
    static final ArchRule keptConnectionsKnowNothingOfAccounts = imports("upstream.http1", "net", "upstream.call");

    @ArchTest
    static final ArchRule clusterKnowsOnlyWhatItShares = imports("cluster", "net", "quota", "schedule", "time");

    @ArchTest
    static final ArchRule metricsKnowOnlyTheApi = imports("metrics", "isolation", "openai", "price",
            "time");

    @ArchTest
    static final ArchRule pricesKnowOnlyTheApi = imports("price", "openai");

    @ArchTest
    static final ArchRule conversionKnowsNothingOfTheGateway = imports("litellm", "openai", "price");

    @ArchTest
    static final ArchRule simulatorKnowsNothingOfTheGateway = imports("simulator", "time");

    @ArchTest
    static final ArchRule simulatedMessagesImportNothingOfOurs = imports("simulator.wire");

    @ArchTest
    static final ArchRule simulatedSchemasImportNothingOfOurs = imports("simulator.schema");

    @ArchTest
    static final ArchRule simulatedAnswersKnowNothingOfWhoAsks = imports("simulator.answers", "simulator.schema",
            "simulator.wire");

    @ArchTest
    static final ArchRule simulatedObjectsKnowNothingOfTheServer = imports("simulator.objects", "simulator.answers",
            "simulator.schema", "simulator.wire");

    @ArchTest
    static final ArchRule simulatorIsKnownByItsServerOnly = noClasses().that()
            .resideOutsideOfPackage("sluice.simulator..").should().dependOnClassesThat()
            .resideInAPackage("sluice.simulator.*..");

    @ArchTest
    static final ArchRule languageOfTheFileKnowsNoKeys = imports("yaml", "isolation", "net", "time");

    @ArchTest
    static final ArchRule onlyTheConfigurationAndTheCommandsReadYaml = noClasses().that()
            .resideOutsideOfPackages("sluice.yaml..", "sluice.config..", "sluice.cli..").should().dependOnClassesThat()
            .resideInAPackage("sluice.yaml..");

    @ArchTest
    static final ArchRule configKnowsNothingOfThePath = noClasses().that().resideInAPackage("sluice.config..").should()
            .dependOnClassesThat().haveFullyQualifiedName("sluice.proxy.RequestPath");

    @ArchTest
    static final ArchRule pathAndAdminKnowNothingOfTheFile = noClasses().that()
            .resideInAnyPackage("sluice.proxy..", "sluice.edge..", "sluice.admin..").should().dependOnClassesThat()
            .resideInAPackage("sluice.config..");

    @ArchTest
    static final ArchRule pathAndAdminKnowNothingOfEachOther = slices().matching("sluice.(proxy|admin)..").should()
            .notDependOnEachOther();

    @ArchTest
    static final ArchRule nobodyImportsTheCommands = noClasses().that().resideOutsideOfPackage("sluice.cli").should()
            .dependOnClassesThat().resideInAPackage("sluice.cli");

    @ArchTest
    static final ArchRule packagesHaveNoCircles = slices().matching("sluice.(**)").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule namesSayWhatAThingIs = noClasses().should()
            .haveSimpleNameEndingWith("Util").orShould().haveSimpleNameEndingWith("Utils").orShould()
            .haveSimpleNameEndingWith("Helper").orShould().haveSimpleNameEndingWith("Manager").orShould()
            .haveSimpleNameEndingWith("Impl").orShould().haveSimpleNameContaining("Common");

    @ArchTest
    static final ArchRule packagesAreNamedAfterWhatTheyDo = noClasses().should().resideInAnyPackage("..util..",
            "..utils..", "..common..", "..helper..", "..helpers..", "..impl..");

    @ArchTest
    static final ArchRule onlyTimeReadsTheClock = noClasses().that().resideOutsideOfPackage("sluice.time").should()
            .accessTargetWhere(readsTheClock());

    @ArchTest
    static final ArchRule nobodySleeps = noClasses().should().accessTargetWhere(sleeping());

    @ArchTest
    static final ArchRule eventLoopsNeverWait = noClasses().that(resideOutsideOfPackages("sluice.cli")).should()
            .accessTargetWhere(waits());

    @ArchTest
    static final ArchRule logsGoThroughSlf4j = noClasses().should().dependOnClassesThat()
            .resideInAnyPackage("java.util.logging..");

    @ArchTest
    static final ArchRule nothingPublicCanBeWritten = fields().that().arePublic().should().beFinal();

    @ArchTest
    static final ArchRule nullIsNeverADefault = classes().that().doNotBelongToAnyOf(Launch.class)
            .and().doNotHaveSimpleName("package-info")
            .should()
            .beAssignableTo(describe("a class of a null-marked package", ArchitectureTest::isNullMarked));

    private static boolean isNullMarked(JavaClass type) {
        JavaPackage home = type.getPackage();
        return home.isAnnotatedWith(NullMarked.class);
    }

    /** What a package may import of ours: itself and these. */
    private static ArchRule imports(String name, String... others) {
        String[] allowed = Arrays.copyOf(Arrays.stream(others).map(other -> "sluice." + other + "..")
                .toArray(String[]::new), others.length + 1);
        allowed[others.length] = "sluice." + name + "..";
        return noClasses().that().resideInAPackage("sluice." + name + "..").should().dependOnClassesThat(
                resideInAnyPackage("sluice..").and(not(resideInAnyPackage(allowed))));
    }

    private static DescribedPredicate<JavaAccess<?>> readsTheClock() {
        return reaches("System", System.class, "nanoTime", "currentTimeMillis")
                .or(describe("a clock of java.time", access -> isClock(access.getTargetOwner())
                        && CLOCK_READERS.contains(access.getName())));
    }

    private static boolean isClock(JavaClass type) {
        return Set.of(Instant.class, InstantSource.class, Clock.class, LocalDate.class, LocalDateTime.class,
                OffsetDateTime.class, ZonedDateTime.class).stream().anyMatch(type::isEquivalentTo);
    }

    private static DescribedPredicate<JavaAccess<?>> sleeping() {
        return reaches("Thread", Thread.class, "sleep").or(reaches("TimeUnit", TimeUnit.class, "sleep"));
    }

    private static DescribedPredicate<JavaAccess<?>> waits() {
        return reaches("Future", java.util.concurrent.Future.class, "get", "resultNow")
                .or(reaches("CompletableFuture", CompletableFuture.class, "get", "join"))
                .or(reaches("CompletionStage", CompletionStage.class, "get", "join"))
                .or(reaches("CountDownLatch", CountDownLatch.class, "await"))
                .or(reaches("Vert.x Future", Future.class, "await", "join"));
    }

    private static DescribedPredicate<JavaAccess<?>> reaches(String what, Class<?> owner, String... methods) {
        return describe(what + "." + String.join("|", methods), access -> access.getTargetOwner().isAssignableTo(owner)
                && Set.of(methods).contains(access.getName()));
    }

    static Instant clock() {
        return Instant.now();
    }

    static LongSupplier nanos() {
        return System::nanoTime;
    }

    static void sleeps() throws InterruptedException {
        Thread.sleep(1);
    }

    static void sleepsByUnit() throws InterruptedException {
        TimeUnit.MILLISECONDS.sleep(1);
    }

    static void waits(Future<?> future) {
        future.await();
    }

    @ParameterizedTest
    @CsvSource({"clock", "nanos", "sleeps", "sleepsByUnit", "waits"})
    void rulesSeeWhatTheyForbid(String method) {
        JavaClasses itself = new ClassFileImporter().importClasses(ArchitectureTest.class);
        DescribedPredicate<JavaAccess<?>> rule = switch (method) {
            case "clock", "nanos" -> readsTheClock();
            case "sleeps", "sleepsByUnit" -> sleeping();
            default -> waits();
        };
        assertThat(itself.get(ArchitectureTest.class).getAccessesFromSelf().stream()
                .filter(access -> access.getOrigin().getName().equals(method)).filter(rule)).isNotEmpty();
    }
}
