"""The chatbot service: answers from a reviewed knowledge base, in English and Arabic."""
