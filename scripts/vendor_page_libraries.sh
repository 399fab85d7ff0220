#!/usr/bin/env bash
# Makes the libraries in graphmem/page/vendor again from npm: cytoscape as it is published, its layout bundled into one file.
# Needs Node and npm. The versions are pinned here; graphmem/page/vendor/NOTICE.md names them too.
set -euo pipefail
target=$(cd "$(dirname "$0")/../graphmem/page/vendor" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init --yes > /dev/null
npm install --no-audit --no-fund --save-exact cytoscape@3.34.4 cytoscape-fcose@2.2.0 cose-base@2.2.0 layout-base@2.0.1 esbuild@0.25.12
cp node_modules/cytoscape/dist/cytoscape.min.js "$target/"
cp node_modules/cytoscape/LICENSE "$target/cytoscape.LICENSE.txt"
echo 'export { default } from "cytoscape-fcose";' > fcose.js
npx esbuild fcose.js --bundle --minify --format=iife --global-name=cytoscapeFcose --legal-comments=none --outfile="$target/fcose.min.js"
for name in cytoscape-fcose cose-base layout-base; do
  printf '== %s ==\n\n' "$name"
  cat "node_modules/$name/LICENSE"
  echo
done > "$target/fcose.LICENSE.txt"
