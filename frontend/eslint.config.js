import js from "@eslint/js";
import i18next from "eslint-plugin-i18next";
import hooks from "eslint-plugin-react-hooks";
import tseslint from "typescript-eslint";

/** Attributes that nobody reads. */
const NO_TEXTS = [
  "aria-current",
  "aria-labelledby",
  "aria-live",
  "autoComplete",
  "className",
  "defaultCamera",
  "dir",
  "getDropOperation",
  "href",
  "id",
  "inputMode",
  "is",
  "key",
  "lang",
  "look",
  "name",
  "on[A-Z]\\w*",
  "options",
  "path",
  "placement",
  "rel",
  "role",
  "selectionMode",
  "slot",
  "target",
  "to",
  "tone",
  "type",
];

export default tseslint.config(
  { ignores: ["dist", "dist.new", "src/api/schema.ts"] },
  js.configs.recommended,
  tseslint.configs.strict,
  hooks.configs.flat.recommended,
  {
    // every text is in the translations
    files: ["src/**/*.tsx"],
    ignores: ["src/**/*.test.tsx", "src/test/**"],
    plugins: { i18next },
    rules: {
      "i18next/no-literal-string": [
        "error",
        {
          mode: "jsx-only",
          "should-validate-template": true,
          // words in capitals are texts, too
          words: { exclude: [/^[^\p{L}]*$/u] },
          "object-properties": { exclude: ["field"] },
          callees: { exclude: ["t", "said", "has", "split", "includes", "startsWith", "endsWith", "useTranslation"] },
          "jsx-attributes": { exclude: NO_TEXTS },
        },
      ],
    },
  },
);
