"""``python -m services.chatbot`` serves the chatbot."""

from services.chatbot.app import create_app
from services.chatbot.settings import ChatbotSettings
from shared.logs import configure_logging
from shared.service.run import serve
from shared.settings import load_settings

if __name__ == "__main__":
    settings = load_settings(ChatbotSettings)
    configure_logging(settings.log_level)
    serve(create_app(settings))
