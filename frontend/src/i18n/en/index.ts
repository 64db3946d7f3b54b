import admin from "./admin.json";
import analyse from "./analyse.json";
import chat from "./chat.json";
import common from "./common.json";
import errors from "./errors.json";
import history from "./history.json";
import labels from "./labels.json";
import models from "./models.json";
import result from "./result.json";
import session from "./session.json";
import settings from "./settings.json";
import system from "./system.json";

export default { admin, analyse, chat, common, errors, history, labels, models, result, session, settings, system };
