import openai

# Set up the API client
openai.api_key = "<YOUR_API_KEY>"

# Define the prompt
prompt = "What is the capital of France?"

# Call the Completion API
response = openai.Completion.create(
  engine="text-davinci-002",
  prompt=prompt,
  max_tokens=50
)

# Print the response
print(response["choices"][0]["text"])
