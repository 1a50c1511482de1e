package sluice.openai;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TokenEstimateTest {

    private static Envelope read(String body) throws MalformedBody {
        return EnvelopeReader.read(body.replace('\'', '"').getBytes(StandardCharsets.UTF_8), Endpoint.RESPONSES);
    }

    private static long estimate(Endpoint endpoint, long chars, long output, long choices) {
        return TokenEstimate.of(endpoint,
                new Envelope("m", new Envelope.Splice(1, 1, ""), Set.of(), false, null, chars, output, choices, "", "",
                        "",
                        Set.of(), Set.of()));
    }

    /** What the model reads as text, in characters. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {"{'messages':[{'role':'user','content':'12345'}]}|5",
            "{'messages':[{'role':'system','content':'123'},{'role':'user','content':[{'type':'text','text':'4567'}]}]}|7",
            "{'messages':[{'role':'user','name':'bob','content':'1'}]}|4",
            "{'messages':[{'role':'tool','tool_call_id':'abc','content':'12'}]}|5",
            "{'input':'12345678'}|8", "{'input':['123','45']}|5", "{'instructions':'123','input':'45'}|5",
            "{'prompt':'123'}|3", "{'prompt':['12','345']}|5", "{'input':''}|0", "{}|0",
            "{'input':[1,22,333]}|12", "{'input':[[1,2],[3]]}|12", "{'prompt':[7,8]}|8",
            "{'user':'12345','metadata':{'a':'12345'},'input':'1'}|1",
            "{'input':'\\u00e4\\n'}|2", "{'input':'äöü'}|3", "{'input':'\\\\a\\\"b模😀'}|6"})
    void textIsCountedInCharactersAndTokensAsFour(String body, long chars) throws MalformedBody {
        assertThat(read(body).inputChars()).isEqualTo(chars);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
            "{'messages':[{'role':'user','content':[{'type':'image_url','image_url':{'url':'data:image/png;base64,AAAA'}}]}]}",
            "{'input':[{'role':'user','content':[{'type':'input_image','image_url':'data:image/png;base64,AAAA'}]}]}",
            "{'messages':[{'role':'user','content':[{'type':'input_audio','input_audio':{'data':'AAAAAAAA'}}]}]}",
            "{'input':[{'type':'input_file','file_data':'AAAAAAAA'}]}",
            "{'input':[{'type':'input_file','file_id':'file-1'}]}",
            "{'input':[{'type':'item_reference','id':'msg_123'}]}"})
    void whatIsEncodedOrReferredToIsNotText(String body) throws MalformedBody {
        assertThat(read(body).inputChars()).isZero();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', nullValues = "-", value = {"{}|-1|1", "{'max_tokens':7}|7|1",
            "{'max_completion_tokens':8}|8|1", "{'max_output_tokens':9}|9|1",
            "{'max_tokens':7,'max_completion_tokens':8}|8|1",
            "{'max_tokens':null}|-1|1", "{'n':3}|-1|3", "{'n':3,'best_of':5}|-1|5", "{'n':null}|-1|1",
            "{'max_output_tokens':7,'max_tokens':null}|7|1"})
    void outputIsAsLargeAsTheCallerLetsItBe(String body, long maxOutput, long choices) throws MalformedBody {
        Envelope envelope = read(body);
        assertThat(envelope.maxOutput()).isEqualTo(maxOutput);
        assertThat(envelope.choices()).isEqualTo(choices);
    }

    /** Whoever reads such a value may read it as no bound at all. */
    @ParameterizedTest
    @ValueSource(strings = {"0", "-5", "-0", "1.5", "1e1", "1.0", "5E-3", "'many'", "'5'", "true", "[5]", "{'a':1}",
            "1000000000", "2147483648", "9223372036854775808", "18446744073709551617",
            "123456789012345678901234567890123456789012345678901234567890"})
    void whatIsNoUsualNumberCountsAsTheLargest(String value) throws MalformedBody {
        for (String field : List.of("max_tokens", "max_completion_tokens", "max_output_tokens")) {
            assertThat(read("{'" + field + "':" + value + "}").maxOutput()).as(field).isEqualTo(TokenEstimate.MOST);
        }
        for (String field : List.of("n", "best_of")) {
            Envelope envelope = read("{'" + field + "':" + value + ",'max_tokens':" + value + "}");
            assertThat(envelope.choices()).as(field).isEqualTo(TokenEstimate.MOST);
            assertThat(TokenEstimate.of(Endpoint.CHAT_COMPLETIONS, envelope)).isEqualTo(TokenEstimate.MOST);
        }
    }

    @ParameterizedTest
    @CsvSource({"CHAT_COMPLETIONS, 400, 50, 1, 150", "CHAT_COMPLETIONS, 401, 50, 1, 151",
            "CHAT_COMPLETIONS, 400, 50, 3, 250", "CHAT_COMPLETIONS, 400, -1, 1, 1124",
            "CHAT_COMPLETIONS, 400, -1, 2, 2148", "CHAT_COMPLETIONS, 0, 0, 1, 0", "COMPLETIONS, 8, 10, 2, 22",
            "RESPONSES, 8, 10, 1, 12", "EMBEDDINGS, 400, 50, 3, 100", "EMBEDDINGS, 1, -1, 1, 1",
            "MODERATIONS, 400, 50, 1, 0", "MODELS, 400, 50, 1, 0"})
    void estimateIsAQuarterOfTheCharactersAndEveryAnswer(Endpoint endpoint, long chars, long output, long choices,
            long tokens) {
        assertThat(estimate(endpoint, chars, output, choices)).isEqualTo(tokens);
    }

    @Test
    void nonsenseIsBoundedAndDoesNotOverflow() {
        long most = 1_000_000_000;
        assertThat(estimate(Endpoint.CHAT_COMPLETIONS, 4, Long.MAX_VALUE, Long.MAX_VALUE)).isEqualTo(most);
        assertThat(estimate(Endpoint.CHAT_COMPLETIONS, 4, most, 1)).isEqualTo(most);
    }
}
