/**
 * Bundles the archiver for its image (cloud/archiver/Dockerfile).
 *
 *   node tools/bundle-archiver.ts FOLDER    writes FOLDER/archiver/index.mjs and its source map
 */
import { resolve } from 'node:path'
import { bundleArchiver } from '../lib/bundles.ts'

const [folder] = process.argv.slice(2)
if (folder === undefined) {
  console.error('usage: node tools/bundle-archiver.ts FOLDER')
  process.exit(2)
}
await bundleArchiver(resolve(folder))
