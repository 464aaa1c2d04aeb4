"""The page around all pages: shell, errors, navigation, health, the demo."""
