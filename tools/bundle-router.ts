/**
 * Bundles the router's service for its image (router/Dockerfile).
 *
 *   node tools/bundle-router.ts FOLDER    writes FOLDER/router/index.mjs and its source map
 */
import { resolve } from 'node:path'
import { bundleRouter } from '../lib/bundles.ts'

const [folder] = process.argv.slice(2)
if (folder === undefined) {
  console.error('usage: node tools/bundle-router.ts FOLDER')
  process.exit(2)
}
await bundleRouter(resolve(folder))
