#!/bin/sh
# Find a Chromium for the browser tests; install one where that is possible, else say what is missing.
set -u
python=$1
for candidate in "${CHROMIUM:-}" chromium chromium-browser google-chrome google-chrome-stable; do
  [ -n "$candidate" ] && command -v "$candidate" >/dev/null 2>&1 && exit 0
done
"$python" -c 'from playwright.sync_api import sync_playwright as s
import os, sys
with s() as p: sys.exit(0 if os.path.exists(p.chromium.executable_path) else 1)' && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
  echo "Installing the system's Chromium ..."
  apt-get update -qq >/dev/null 2>&1; apt-get install -y -qq chromium >/dev/null 2>&1 && exit 0
fi
echo "Installing Playwright's Chromium ..."
"$python" -m playwright install chromium && exit 0
echo "The browser tests need Chromium: install the package 'chromium', or set CHROMIUM=/path/to/it." >&2
exit 1
