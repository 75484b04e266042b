package io.accrete.protocol.safetensors;

import io.accrete.protocol.fixture.SafetensorsWriter;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Makes files that are valid, nearly valid, or nothing of the kind, from a seed. */
final class HeaderMutation {

    private static final int DATA_BYTES = 24;
    private static final Pattern TOKEN =
            Pattern.compile("\"(?:[^\"\\\\]|\\\\.)*\"|-?[0-9.eE+-]+|[\\[\\]{}:,]|\\w+");

    private static final List<String> SEEDS =
            List.of(
                    "{\"a\":{\"dtype\":\"F32\",\"shape\":[2,3],\"data_offsets\":[0,24]}}",
                    "{\"__metadata__\":{\"format\":\"pt\",\"n\":\"\"},"
                            + "\"a\":{\"dtype\":\"F16\",\"shape\":[2,2],\"data_offsets\":[0,8]},"
                            + "\"b.c\":{\"dtype\":\"I64\",\"shape\":[],\"data_offsets\":[8,16]},"
                            + "\"d\":{\"dtype\":\"U8\",\"shape\":[8],\"data_offsets\":[16,24]}}  ",
                    "{\"z\":{\"dtype\":\"F4\",\"shape\":[0,9],\"data_offsets\":[24,24]},"
                        + "\"a\":{\"dtype\":\"F6_E2M3\",\"shape\":[4,8],\"data_offsets\":[0,24],"
                        + "\"x\":[1,{\"y\":null}]}}",
                    "{\"\\u00e4\\ud83d\\ude00\":{\"dtype\":\"BOOL\",\"shape\":[24],"
                            + "\"data_offsets\":[0,24]}}");

    private static final List<String> TOKENS =
            List.of(
                    "0",
                    "1",
                    "2",
                    "8",
                    "16",
                    "24",
                    "25",
                    "-1",
                    "-0",
                    "0.0",
                    "1e1",
                    "1E400",
                    "00",
                    "9223372036854775807",
                    "9223372036854775808",
                    "18446744073709551615",
                    "18446744073709551616",
                    "4294967296",
                    "2147483648",
                    "[]",
                    "{}",
                    "[0,24]",
                    "[24]",
                    "[2,3,4]",
                    "null",
                    "true",
                    "false",
                    "NaN",
                    "Infinity",
                    "\"F32\"",
                    "\"BF16\"",
                    "\"U8\"",
                    "\"F8_E5M2FNUZ\"",
                    "\"f32\"",
                    "\"dtype\"",
                    "\"shape\"",
                    "\"data_offsets\"",
                    "\"__metadata__\"",
                    "\"a\"",
                    "\"\"",
                    "\"\\ud800\"",
                    "\"\\u0000\"",
                    "\"\\x\"",
                    "\u0001",
                    "\ufeff",
                    "/**/",
                    "#",
                    "'a'",
                    ",",
                    ":",
                    "{",
                    "}",
                    "[",
                    "]",
                    "[[[[[[[[[[",
                    "\"a\":{}",
                    "\n",
                    "\t",
                    "\r",
                    "\u00a0");

    private final Random random;

    HeaderMutation(long seed) {
        this.random = new Random(seed);
    }

    byte[] next() {
        String json = SEEDS.get(random.nextInt(SEEDS.size()));
        int changes = random.nextInt(4);
        for (int i = 0; i < changes; i++) {
            json = changeToken(json);
        }
        byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
        if (random.nextInt(3) == 0) {
            bytes = changeByte(bytes);
        }
        int data = random.nextInt(8) == 0 ? random.nextInt(DATA_BYTES * 2) : DATA_BYTES;
        byte[] file = SafetensorsWriter.raw(bytes, data);
        return switch (random.nextInt(20)) {
            case 0 -> changePrefix(file);
            case 1 -> java.util.Arrays.copyOf(file, random.nextInt(file.length + 1));
            default -> file;
        };
    }

    private String changeToken(String json) {
        List<int[]> spans = new ArrayList<>();
        Matcher matcher = TOKEN.matcher(json);
        while (matcher.find()) {
            spans.add(new int[] {matcher.start(), matcher.end()});
        }
        if (spans.isEmpty()) {
            return TOKENS.get(random.nextInt(TOKENS.size()));
        }
        int[] span = spans.get(random.nextInt(spans.size()));
        int[] other = spans.get(random.nextInt(spans.size()));
        String token = TOKENS.get(random.nextInt(TOKENS.size()));
        String before = json.substring(0, span[0]);
        String after = json.substring(span[1]);
        return switch (random.nextInt(6)) {
            case 0 -> before + after;
            case 1 -> before + token + json.substring(span[0]);
            case 2 -> before + json.substring(other[0], other[1]) + after;
            case 3 -> json.substring(0, span[1]) + json.substring(span[0]);
            default -> before + token + after;
        };
    }

    private byte[] changeByte(byte[] bytes) {
        byte[] changed = bytes.clone();
        if (changed.length > 0) {
            int at = random.nextInt(changed.length);
            changed[at] =
                    random.nextBoolean()
                            ? (byte) random.nextInt(256)
                            : (byte) (changed[at] ^ (1 << random.nextInt(8)));
        }
        return changed;
    }

    private byte[] changePrefix(byte[] file) {
        byte[] changed = file.clone();
        int at = random.nextInt(Math.min(changed.length, Long.BYTES));
        changed[at] = (byte) (random.nextBoolean() ? random.nextInt(256) : changed[at] + 1);
        return changed;
    }
}
