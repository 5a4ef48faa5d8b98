// What the scripts of pages are held to: names that are there, nothing unused, no loose equality.
import globals from "globals";

export default [
  {
    files: ["**/*.js"],
    ignores: ["**/dagre.min.js"],
    languageOptions: {
      ecmaVersion: 2022,
      sourceType: "module",
      globals: { ...globals.browser, dagre: "readonly" },
    },
    rules: {
      "consistent-return": "error",
      "eqeqeq": "error",
      "no-const-assign": "error",
      "no-dupe-keys": "error",
      "no-implicit-globals": "error",
      "no-shadow-restricted-names": "error",
      "no-undef": "error",
      "no-unreachable": "error",
      "no-unused-vars": "error",
      "no-use-before-define": ["error", { functions: false, classes: false, variables: false }],
      "no-var": "error",
      "prefer-const": "error",
    },
  },
];
