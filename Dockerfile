# Sluice on nothing but a Java runtime and the C library: no shell, no package manager, no root.
#
#   docker build --build-arg VERSION=0.1.0 --build-arg REVISION=$(git rev-parse HEAD) -t sluice:0.1.0 .
#
# Give BUILD and BASE with a digest (NAME@sha256:…) where builds must not move. The same sources and images then make
# the same files, but for the AOT cache, which is a record of a run.

ARG BUILD=maven:3-eclipse-temurin-25
ARG BASE=debian:12-slim

FROM ${BUILD} AS build
ARG SOURCE_DATE_EPOCH=1795392000
WORKDIR /src
RUN command -v strip > /dev/null \
    || (apt-get update -qq && apt-get install -y -qq --no-install-recommends binutils > /dev/null)

# The libraries change seldom, and are fetched anew only if the POM does.
COPY pom.xml ./
COPY .mvn .mvn
COPY src/main src/main
RUN mvn -B -q package -DskipTests

# Only the modules that are needed. Those of jdk.* are for operators: jcmd, flight recordings, names from DNS. The option
# lets jvm.options lower the compilers' priority; given there, it would make Java warn that raising one needs root.
RUN jlink --add-modules java.base,java.logging,java.management,java.naming,java.net.http,java.sql,jdk.management \
        --add-modules jdk.unsupported,jdk.jcmd,jdk.jfr,jdk.naming.dns \
        --add-options=' -XX:ThreadPriorityPolicy=1' \
        --strip-java-debug-attributes --no-header-files --no-man-pages --compress zip-9 --output /opt/sluice/java \
    && find /opt/sluice/java -name '*.so' -exec strip --strip-unneeded {} +

# Native libraries stand ready, since there is nowhere to unpack them to. Of SQLite's jar they are most of the size.
RUN cp -r target/sluice.jar target/lib /opt/sluice/ \
    && mkdir /opt/sluice/native /tmp/sqlite /tmp/epoll && libraries=/opt/sluice/lib \
    && sqlite=$(echo $libraries/sqlite-jdbc-*.jar) \
    && epoll=$(echo $libraries/netty-transport-native-epoll-*-linux-$(uname -m | sed s/aarch64/aarch_64/).jar) \
    && (cd /tmp/sqlite && jar xf $sqlite \
        && cp org/sqlite/native/Linux/$(uname -m)/libsqlitejdbc.so /opt/sluice/native/ && rm -r org/sqlite/native \
        && jar --create --date=2026-11-23T00:00:00Z --manifest=META-INF/MANIFEST.MF --file=$sqlite -C . .) \
    && (cd /tmp/epoll && jar xf $epoll \
        && cp META-INF/native/*.so /opt/sluice/native/)

# The training run: the cache holds the classes, linked. It knows its jars by size and time. Profiles of hot code are
# left out: they make the image 3 MiB larger and the start 0.1 s slower.
COPY deploy/container /src/container
RUN cp container/jvm.options /opt/sluice/ && javac -d /tmp/ready container/Ready.java \
    && jar --create --date=2026-11-23T00:00:00Z --file=/opt/sluice/ready.jar -C /tmp/ready . \
    && find /opt/sluice -exec touch --no-dereference --date=@$SOURCE_DATE_EPOCH {} + \
    && java container/Train.java /opt/sluice/java/bin/java @/opt/sluice/jvm.options \
        -XX:+UnlockDiagnosticVMOptions -XX:-AOTRecordTraining -XX:AOTCacheOutput=/opt/sluice/sluice.aot \
        -jar /opt/sluice/sluice.jar \
    && test -s /opt/sluice/sluice.aot

# What the runtime links to, and the entry by which scanners know it. Certificates are Java's own.
FROM ${BASE} AS base
ARG SOURCE_DATE_EPOCH=1795392000
COPY --from=build /opt/sluice/java /opt/sluice/java
RUN mkdir -p /root.d/etc /root.d/tmp /root.d/var/lib/sluice /root.d/var/lib/dpkg/status.d \
    && ldd /opt/sluice/java/bin/java /opt/sluice/java/lib/server/libjvm.so \
        | grep -o ' /lib[^ ]*' | grep -v sluice | sort -u \
        | xargs cp --parents --dereference --target-directory=/root.d \
    && ldd /opt/sluice/java/lib/server/libjvm.so | grep -o '/lib[^ ]*/ld-linux[^ ]*' \
        | xargs cp --parents --dereference --target-directory=/root.d \
    && dpkg -s libc6 > /root.d/var/lib/dpkg/status.d/libc6 && cp /etc/os-release /root.d/etc/ \
    && echo 'sluice:x:10001:10001::/var/lib/sluice:/none' > /root.d/etc/passwd \
    && echo 'sluice:x:10001:' > /root.d/etc/group && echo 'hosts: files dns' > /root.d/etc/nsswitch.conf \
    && chmod 1777 /root.d/tmp && chown 10001:10001 /root.d/var/lib/sluice \
    && find /root.d -exec touch --no-dereference --date=@$SOURCE_DATE_EPOCH {} +

FROM scratch
ARG VERSION=development
ARG REVISION=unknown
ARG CREATED=2026-11-23T00:00:00Z
LABEL org.opencontainers.image.title="Sluice" \
      org.opencontainers.image.description="A rate-limiting gateway between internal services and the OpenAI API." \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$REVISION" \
      org.opencontainers.image.created="$CREATED"
COPY --from=base /root.d /
# From what changes least to what changes most.
COPY --from=build /opt/sluice/java /opt/sluice/java
COPY --from=build /opt/sluice/native /opt/sluice/native
COPY --from=build /opt/sluice/lib /opt/sluice/lib
COPY --from=build /opt/sluice/jvm.options /opt/sluice/ready.jar /opt/sluice/
COPY --from=build /opt/sluice/sluice.jar /opt/sluice/sluice.aot /opt/sluice/
USER 10001:10001
# The ledger's folder of the default configuration is below it: mount a volume at /var/lib/sluice/data.
WORKDIR /var/lib/sluice
EXPOSE 8080 9090
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=10s --retries=3 \
    CMD ["/opt/sluice/java/bin/java", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx16m", "-XX:-UsePerfData", \
         "-cp", "/opt/sluice/ready.jar", "Ready"]
ENTRYPOINT ["/opt/sluice/java/bin/java", "@/opt/sluice/jvm.options", "-XX:AOTCache=/opt/sluice/sluice.aot", \
            "-jar", "/opt/sluice/sluice.jar"]
CMD ["serve", "--config", "/etc/sluice/sluice.yaml"]
