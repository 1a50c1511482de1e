package sluice.config;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.composer.Composer;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.parser.ParserImpl;
import org.snakeyaml.engine.v2.scanner.StreamReader;
import org.snakeyaml.engine.v2.schema.CoreSchema;
import sluice.account.AccountEntry;
import sluice.admin.AdminServer;
import sluice.answers.SecondTier;
import sluice.cache.AnswerCache;
import sluice.cache.AnsweredCalls;
import sluice.calls.CallLedger;
import sluice.cluster.RedisSettings;
import sluice.config.GatewayConfig.PlanEntry;
import sluice.config.GatewayConfig.PriceEntry;
import sluice.edge.Listener;
import sluice.identity.Identities;
import sluice.ledger.LedgerUrl;
import sluice.metrics.GatewayMeters;
import sluice.metrics.Tracing;
import sluice.net.Drain;
import sluice.net.SmallFile;
import sluice.schedule.Lane;
import sluice.schedule.Scheduler;
import sluice.schedule.Standing;
import sluice.tenancy.Tenant;
import sluice.upstream.AccountHealth;
import sluice.upstream.ApiKey;
import sluice.upstream.UpstreamClient;

/**
 * Reads a configuration file: YAML into nodes, nodes into settings, with every default set where its key is read. All
 * problems of a file are reported together.
 */
public final class ConfigReader {
    /** Of the main file, and of all included ones together, in bytes. */
    private static final int LONGEST_FILE = 16 << 20;
    private static final int SMALLEST_BUFFER = 1 << 10;
    /** The parser copies what it holds of a scalar or comment whenever it fills its buffer. */
    private static final int LARGEST_BUFFER = 1 << 20;
    private static final Duration DAY = Duration.ofDays(1);
    private static final Duration BILLED_LATE = Duration.ofDays(2);

    private final Findings findings;
    private final Optional<Path> folder;

    private ConfigReader(Findings findings, Optional<Path> folder) {
        this.findings = findings;
        this.folder = folder;
    }

    /**
     * Reads the configuration from a file.
     *
     * @param environment returns a variable's value, or null if it is not set
     */
    public static GatewayConfig read(Path file, Function<String, @Nullable String> environment) throws InvalidConfig {
        return read(file, environment, read -> {
            // Nothing to change.
        });
    }

    /**
     * Reads a configuration without its secrets and files: variables are assumed to be set and files to exist, except
     * for included files, which are read.
     */
    public static GatewayConfig readOffline(Path file) throws InvalidConfig {
        return read(file, new Findings(Interpolation.withoutEnvironment()));
    }

    /** Likewise, from a string, which can include no files. */
    public static GatewayConfig parseOffline(String yaml) throws InvalidConfig {
        return parse("configuration", yaml, Optional.empty(), new Findings(Interpolation.withoutEnvironment()));
    }

    private static GatewayConfig read(Path file, Findings findings) throws InvalidConfig {
        return parse(file.toString(), contentOf(file),
                Optional.ofNullable(file.toAbsolutePath().normalize().getParent()),
                findings);
    }

    /**
     * Reads the configuration from a file and reports which files were read.
     *
     * @param read called with each file that was read or looked for, even if that failed
     */
    public static GatewayConfig read(Path file, Function<String, @Nullable String> environment, Consumer<Path> read)
            throws InvalidConfig {
        read.accept(file);
        return read(file, new Findings(new Interpolation(environment), read));
    }

    /** Parses the configuration from a string. */
    public static GatewayConfig parse(String yaml, Function<String, @Nullable String> environment)
            throws InvalidConfig {
        return parse("configuration", yaml, Optional.empty(), new Findings(new Interpolation(environment)));
    }

    static GatewayConfig parse(String source, String yaml, Optional<Path> folder, Findings findings)
            throws InvalidConfig {
        GatewayConfig config = new ConfigReader(findings, folder).config(root(source, yaml, findings.in("", yaml)));
        if (findings.anyProblem()) {
            throw new InvalidConfig(source, findings.problems());
        }
        return config;
    }

    static Section root(String source, String yaml, Findings findings) throws InvalidConfig {
        return compose(source, yaml).map(mapping -> Section.of("", "", Findings.NOWHERE, findings, mapping))
                .orElseGet(() -> Section.empty("", "", Findings.NOWHERE, findings));
    }

    /** The files that the main file includes. */
    private List<Section> included(Section root) throws InvalidConfig {
        List<Section> included = new ArrayList<>();
        long length = 0;
        for (Path file : Includes.of(root, folder)) {
            findings.reads(file);
            String text = contentOf(file);
            length += text.length();
            if (length > LONGEST_FILE) {
                root.refuse("include", "more than " + TypedText.of(length) + " in all files", "at most "
                        + TypedText.of(LONGEST_FILE));
                break;
            }
            String name = folder.orElseThrow().relativize(file.toAbsolutePath()).toString();
            included.add(root(file.toString(), text, findings.in(name, text)));
        }
        return included;
    }

    private GatewayConfig config(Section root) throws InvalidConfig {
        Section listening = root.section("listen");
        Listener.Settings listen = ServerReader.listen(listening);
        AdminServer.Settings admin = ServerReader.admin(root.section("admin"), listening, listen);
        Section upstreamSection = root.section("upstream");
        UpstreamClient.Settings upstream = UpstreamReader.read(upstreamSection);
        GatewayConfig.Retries retries = UpstreamReader.retries(upstreamSection);
        AccountHealth.BreakerSettings breaker = UpstreamReader.breaker(upstreamSection);
        AccountReader accountReader = new AccountReader();
        List<AccountEntry> accounts = accountReader.read(upstreamSection, upstream.baseUrl());
        Section cacheSection = root.section("cache");
        AnswerCache.Settings cache = CacheReader.read(cacheSection);
        SecondTier secondTier = SecondTierReader.read(cacheSection.section("redis"), cache);
        AnsweredCalls.Settings idempotency = idempotency(root.section("idempotency"));
        Scheduler.Settings queue = queue(root.section("queue"), upstreamSection);
        Map<String, PlanEntry> plans = PlanReader.read(root.section("plans"), cache.policies(),
                new Standing(1, queue.maxWait(), Lane.INTERACTIVE));
        TenantKeys keys = new TenantKeys(accountReader, admin.digests());
        TenantReader tenantReader = new TenantReader(plans, accountReader.names(), accountReader.sharing(), keys::read);
        List<Tenant> tenants = tenantReader.read(root, included(root));
        Drain.Settings drain = ServerReader.drain(root.section("drain"));
        GatewayMeters.Settings metrics = metrics(root.section("metrics"));
        Optional<Tracing.Settings> traces = TracesReader.read(root.section("traces"));
        Optional<RedisSettings> redis = new RedisReader(accountReader.names(),
                tenants.stream().map(Tenant::name).toList()).read(root.section("redis"));
        Section ledgerSection = root.section("ledger");
        LedgerUrl ledger = LedgerReader.read(ledgerSection);
        Duration startWait = LedgerReader.startWait(ledgerSection);
        tenantReader.refuseSharing(GatewayConfig.isOfAllReplicas(ledger, redis.isPresent()));
        CallLedger.Settings calls = LedgerReader.calls(ledgerSection, ledger, redis.isPresent());
        List<PriceEntry> prices = PricesReader.read(root.section("prices"));
        GatewayConfig.Budgets budgets = BudgetsReader.read(root.section("budgets"));
        Section organization = root.section("openai-admin");
        Optional<ApiKey> adminKey = organization.secret("key").map(ApiKey::new);
        if (adminKey.isPresent() && calls.keepCalls().compareTo(BILLED_LATE) < 0) {
            ledgerSection.warn("keep-calls",
                    "shorter than the two days that comparing with OpenAI's bill needs");
        }
        if (adminKey.isEmpty()) {
            accounts.stream().filter(entry -> entry.limitsFrom() == AccountEntry.LimitsFrom.UPSTREAM)
                    .forEach(entry -> upstreamSection.refuse("limits: upstream of account " + entry.account().name()
                            + " without openai-admin.key", "an admin key to read limits with"));
        }
        Identities.Settings identity = IdentityReader.read(root.section("identity"),
                tenants.stream().map(Tenant::name).toList());
        keys.refuseUnreachable(identity.tenants());
        findings.finish();
        return new GatewayConfig(listen, admin, upstream, retries, breaker, accounts, List.copyOf(plans.values()),
                tenants, cache, secondTier, idempotency, queue, drain, metrics, traces, redis, ledger, startWait, calls,
                prices, budgets, adminKey, identity, tenantReader.places(), new EffectiveConfig(root.inEffect()),
                findings.warnings());
    }

    private static AnsweredCalls.Settings idempotency(Section idempotency) {
        return new AnsweredCalls.Settings(
                idempotency.value("ttl", Values.duration(Duration.ofSeconds(1), Duration.ofDays(30)), DAY),
                idempotency.value("max-size", Values.size(0, 1L << 40), 16L << 20),
                idempotency.value("continue-for", Values.duration(Duration.ZERO, DAY), Duration.ofMinutes(10)),
                idempotency.value("max-continued", Values.count(0, 1_000_000), 1_000));
    }

    private static Scheduler.Settings queue(Section queue, Section upstream) {
        return new Scheduler.Settings(
                queue.value("max-wait", Values.duration(Duration.ZERO, DAY), Duration.ofSeconds(30)),
                queue.value("max-waiting", Values.count(0, 10_000_000), 10_000),
                queue.value("batch-share", Values.share(0.01, 0.5), 0.1),
                upstream.value("affinity", Values.flag(), true));
    }

    private static GatewayMeters.Settings metrics(Section metrics) {
        return new GatewayMeters.Settings(metrics.value("max-tenants", Values.count(0, 100_000), 500));
    }

    /** The root mapping; empty if the text is empty. */
    private static Optional<MappingNode> compose(String source, String yaml) throws InvalidConfig {
        LoadSettings settings = LoadSettings.builder().setSchema(new CoreSchema()).setCodePointLimit(LONGEST_FILE)
                .setAllowNonScalarKeys(true).setBufferSize(Math.clamp(yaml.length(), SMALLEST_BUFFER, LARGEST_BUFFER))
                .build();
        try {
            Optional<Node> node = new Composer(settings,
                    new BoundedParser(new ParserImpl(settings, new StreamReader(settings, yaml)))).getSingleNode();
            if (node.isPresent() && !(node.get() instanceof MappingNode)) {
                throw new InvalidConfig(source,
                        List.of(Problem.expected("line 1", "not a mapping", "keys such as upstream:")));
            }
            return node.map(MappingNode.class::cast);
        } catch (MarkedYamlEngineException e) {
            throw new InvalidConfig(source,
                    List.of(new Problem(place(e), "not YAML: " + Redaction.shown(remedied(e.getProblem())))));
        } catch (YamlEngineException e) {
            String said = String.valueOf(e.getMessage()).lines().findFirst().orElse("unreadable");
            throw new InvalidConfig(source, List.of(new Problem("the file", "not YAML: " + Redaction.shown(said))));
        }
    }

    private static String place(MarkedYamlEngineException e) {
        Optional<Mark> mark = e.getProblemMark();
        return mark.map(at -> "line " + (at.getLine() + 1) + ", column " + (at.getColumn() + 1)).orElse("the file");
    }

    /** The parser blames indentation for every misplaced character. */
    private static String remedied(String problem) {
        return problem.replaceFirst("\\. \\(Do not use [@`] for indentation\\)", "; put the text in quotes");
    }

    private static String contentOf(Path file) throws InvalidConfig {
        String source = file.toString();
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(SmallFile.read(file, LONGEST_FILE)))
                    .toString();
        } catch (SmallFile.Unfit e) {
            throw new InvalidConfig(source, List.of(Problem.expected(source, e.what(), e.expected())));
        } catch (NoSuchFileException e) {
            throw new InvalidConfig(source, List.of(
                    Problem.missing(source,
                            "a configuration file; name it with --config, start from config/example.yaml")));
        } catch (CharacterCodingException e) {
            throw new InvalidConfig(source, List.of(Problem.expected(source, "not text", "YAML in UTF-8")));
        } catch (IOException e) {
            throw new InvalidConfig(source,
                    List.of(Problem.expected(source, "cannot be read", "a file that this user may read")));
        }
    }
}
