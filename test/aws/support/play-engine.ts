/**
 * Plays Docker's command line for tests without a container engine: whatever it pulls or loads is one image with one program.
 *
 *   PLAYED_REGISTRY   the URL of the registry that takes what it pushes (playRegistry)
 *   PLAYED_PROGRAM    the program of the image
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { savedImage } from '../../support/saved-image.ts'
import { pushProgram } from './play-registry.ts'

const { PLAYED_REGISTRY = '', PLAYED_PROGRAM = '', DOCKER_CONFIG = '' } = process.env
const parameters = process.argv.slice(2)
const [command] = parameters

if (command === 'image') process.stdout.write(`sha256:${'1'.repeat(64)}\n`)
if (command === 'save') {
  writeFileSync(parameters[parameters.indexOf('--output') + 1] ?? '', savedImage(parameters.at(-1) ?? ''))
}
if (command === 'push') {
  const [, registry = '', repository = ''] = /^([^/]+)\/(.+):[^:]+$/.exec(parameters.at(-1) ?? '') ?? []
  const { auths } = JSON.parse(readFileSync(join(DOCKER_CONFIG, 'config.json'), 'utf8'))
  const [username = '', password = ''] = Buffer.from(auths[registry].auth, 'base64').toString().split(':')
  const pushed = await pushProgram(PLAYED_REGISTRY, { registry, repository, username, password }, PLAYED_PROGRAM)
  if (typeof pushed === 'number') throw new Error(`the registry refuses: ${pushed}`)
  process.stdout.write(`digest: ${pushed} size: 1\n`)
}
