// Package main is the client openai-go.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"
	"github.com/openai/openai-go/v3/shared"
)

const question = "How is the weather in Oslo?"

var (
	ctx    = context.Background()
	client = openai.NewClient(
		option.WithBaseURL(os.Getenv("SLUICE_URL")), option.WithAPIKey(os.Getenv("SLUICE_KEY")))
	asked = openai.ChatCompletionNewParams{
		Model:    openai.ChatModelGPT4oMini,
		Messages: []openai.ChatCompletionMessageParamUnion{openai.UserMessage(question)},
	}
)

func object(properties map[string]any, required ...string) map[string]any {
	return map[string]any{
		"type": "object", "properties": properties, "required": required, "additionalProperties": false,
	}
}

func text(params openai.ChatCompletionNewParams) (any, error) {
	answer, err := client.Chat.Completions.New(ctx, params)
	if err != nil {
		return nil, err
	}
	return answer.Choices[0].Message.Content, nil
}

func chat() (any, error) {
	return text(asked)
}

func stream() (any, error) {
	pieces := []string{}
	chunks := client.Chat.Completions.NewStreaming(ctx, asked)
	for chunks.Next() {
		pieces = append(pieces, chunks.Current().Choices[0].Delta.Content)
	}
	return pieces, chunks.Err()
}

func tool() (any, error) {
	params := asked
	params.Tools = []openai.ChatCompletionToolUnionParam{
		openai.ChatCompletionFunctionTool(shared.FunctionDefinitionParam{
			Name:       "weather",
			Parameters: object(map[string]any{"city": map[string]any{"type": "string"}}, "city"),
		}),
	}
	wanted, err := client.Chat.Completions.New(ctx, params)
	if err != nil {
		return nil, err
	}
	message := wanted.Choices[0].Message
	call := message.ToolCalls[0]
	var arguments struct{ City string }
	if err := json.Unmarshal([]byte(call.Function.Arguments), &arguments); err != nil {
		return nil, err
	}
	params.Messages = append(params.Messages, message.ToParam(), openai.ToolMessage("sunny", call.ID))
	answer, err := text(params)
	return map[string]any{"city": arguments.City, "text": answer}, err
}

func embedding() (any, error) {
	answer, err := client.Embeddings.New(ctx, openai.EmbeddingNewParams{
		Model: openai.EmbeddingModelTextEmbedding3Small,
		Input: openai.EmbeddingNewParamsInputUnion{OfString: openai.String(question)},
	})
	if err != nil {
		return nil, err
	}
	return len(answer.Data[0].Embedding), nil
}

func structured() (any, error) {
	params := asked
	params.ResponseFormat = openai.ChatCompletionNewParamsResponseFormatUnion{
		OfJSONSchema: &shared.ResponseFormatJSONSchemaParam{
			JSONSchema: shared.ResponseFormatJSONSchemaJSONSchemaParam{
				Name:   "city",
				Strict: openai.Bool(true),
				Schema: object(map[string]any{
					"name": map[string]any{"type": "string"}, "population": map[string]any{"type": "integer"},
				}, "name", "population"),
			},
		},
	}
	answer, err := client.Chat.Completions.New(ctx, params)
	if err != nil {
		return nil, err
	}
	var city struct {
		Name       string `json:"name"`
		Population int    `json:"population"`
	}
	err = json.Unmarshal([]byte(answer.Choices[0].Message.Content), &city)
	return city, err
}

// Does the cases that the command line names, and says of each what it saw or what it raised.
func main() {
	cases := map[string]func() (any, error){
		"chat": chat, "stream": stream, "tool": tool, "embedding": embedding, "structured": structured,
	}
	for _, name := range os.Args[1:] {
		began := time.Now()
		saw, err := cases[name]()
		said := map[string]any{"case": name, "seconds": time.Since(began).Seconds()}
		if err != nil {
			said["raised"], said["message"] = raised(err), err.Error()
		} else {
			said["saw"] = saw
		}
		line, err := json.Marshal(said)
		if err != nil {
			panic(err)
		}
		fmt.Println(string(line))
	}
}

// The API's errors are of one type; their status tells them apart.
func raised(err error) string {
	var refused *openai.Error
	if errors.As(err, &refused) {
		return fmt.Sprintf("Error %d", refused.StatusCode)
	}
	return fmt.Sprintf("%T", err)
}
