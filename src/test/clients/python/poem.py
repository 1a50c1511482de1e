import openai

response = openai.Completion.create(
  engine="text-davinci-002",
  prompt="Write a poem about spring",
  max_tokens=50
)
print(response["choices"][0]["text"])
