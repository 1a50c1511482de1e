package sluice.openai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SocketMessageTest {

    private static SocketMessage read(String text) throws MalformedBody {
        return SocketMessage.read(text.replace('\'', '"'));
    }

    @ParameterizedTest
    @ValueSource(strings = {"{'type':'x','model':'secret'}", "{'type':'x','Model':'secret','model':'other'}",
            "{'type':'x','response':{'MODEL':'secret'}}", "{'type':'x','session':{'tools':[{'model':'secret'}]}}",
            "{'type':'x','tools':[{'type':'image_generation','model':'secret'}]}", "{'type':'x','model':['secret']}",
            "{'type':'x','session':{'audio':{'input':{'transcription':{'model':'secret'}}}}}",
            "{'type':'x','session':[{'input_audio_transcription':{' model ':'secret'}}]}",
            "{'type':'x','response':{'a':[[{'b':{'model':'secret'}}]]}}", "{'Session':{'model':'secret'},'type':'x'}",
            "{'type':'x','response':'r','Tools':[{'Tools':[{'mOdEl':'secret'}]}]}",
            "{'type':'x','response':[{'model':'secret'}]}"})
    void modelIsFoundWhereverItIsNamed(String text) throws MalformedBody {
        assertThat(read(text).models()).contains("secret");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{'type':'x','tools':[{'parameters':{'properties':{'model':{'enum':['s']}},'model':'s'}}]}",
            "{'type':'x','metadata':{'model':'s'}}", "{'type':'x','item':{'content':[{'model':'s'}]}}",
            "{'type':'x','input':[{'type':'image_generation_call','model':'s'}]}",
            "{'type':'x','text':{'format':{'schema':{'model':'s'}}}}",
            "{'type':'x','response':{'prompt':{'variables':{'model':'s'}}}}"})
    void whatIsTheCallersOwnNamesNoModel(String text) throws MalformedBody {
        assertThat(read(text).models()).isEmpty();
    }

    @Test
    void modelThatAnswersIsThatOfTheResponseAndNotOfATool() throws MalformedBody {
        assertThat(read("{'type':'x','tools':[{'model':'t'}],'model':'m'}").model()).isEqualTo("m");
        assertThat(read("{'type':'x','model':'m','response':{'model':'r','tools':[{'model':'t'}]}}").model())
                .isEqualTo("r");
        assertThat(read("{'type':'x','session':{'audio':{'transcription':{'model':'t'}}}}").model()).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"{'type':'x','model':'a\\nb'}", "{'type':'x','response':{'model':'a\\u0000'}}",
            "{'type':'x','tools':[{'model':'a\\u007fb'}]}", "{'type':'x','session':{'a':[{'Model':'\\r'}]}}"})
    void controlCharacterIsNoPartOfAModelsName(String text) {
        assertThatThrownBy(() -> read(text)).isInstanceOfSatisfying(MalformedBody.class,
                fault -> assertThat(fault.param()).isEqualTo("model"));
    }

    @Test
    void messageIsBounded() {
        StringBuilder many = new StringBuilder("{'type':'x','metadata':{");
        for (int i = 0; i < 100_000; i++) {
            many.append("'").append(i).append("':0,");
        }
        many.append("'':0}}");
        assertThatThrownBy(() -> read(many.toString())).isInstanceOfSatisfying(MalformedBody.class,
                fault -> assertThat(fault.code()).isEqualTo("json_too_complex"));
        assertThatThrownBy(() -> read("{'type':'x','model':'" + "m".repeat(257) + "'}"))
                .isInstanceOf(MalformedBody.class);
        assertThatThrownBy(() -> read("{'type':'x','event_id':'" + "m".repeat(513) + "'}"))
                .isInstanceOf(MalformedBody.class);
    }
}
