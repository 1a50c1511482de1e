package sluice.openai;

import com.code_intelligence.jazzer.junit.FuzzTest;

class JsonTokensFuzzTest {

    @FuzzTest(maxDuration = "60s")
    void anyBytesAreReadAlike(byte[] body) {
        if (body.length > 1 && body[0] > 0 && body[1] != 0) {
            JsonTokensTest.assertReadAlike(body);
        }
    }
}
