/**
 * Plays Docker's command line for tests without a container engine: writes down what it is asked, and on `push` puts an
 * image into the ECR that the SDK finds.
 *
 *   FAKE_ENGINE_LOG            a line of JSON for each call
 *   FAKE_ENGINE_ARCHITECTURE   what its images are made for; arm64 unless told
 *   FAKE_ENGINE_MACHINE        as what it shows them unless it is asked for a platform; as they are unless told
 *   FAKE_ENGINE_IS_OLD         it knows a platform only for `pull`
 *   FAKE_ENGINE_FAILS          the command that fails
 */
import { createHash } from 'node:crypto'
import { appendFileSync, readFileSync } from 'node:fs'

const environment = process.env
const parameters = process.argv.slice(2)
const [command] = parameters

const input = command === 'login' ? readFileSync(0, 'utf8') : ''
appendFileSync(environment['FAKE_ENGINE_LOG'] ?? '/dev/null', `${JSON.stringify({ parameters, input })}\n`)

if (command === environment['FAKE_ENGINE_FAILS']) {
  process.stderr.write('some progress\nerror: the engine is out of breath\n')
  process.exit(1)
}
const isFor = parameters.includes('--platform')
if (isFor && command !== 'pull' && environment['FAKE_ENGINE_IS_OLD']) {
  process.stderr.write(`unknown flag: --platform\nSee 'docker ${command} --help'.\n`)
  process.exit(125)
}
if (command === 'image') {
  const made = environment['FAKE_ENGINE_ARCHITECTURE'] ?? 'arm64'
  process.stdout.write(`${isFor ? made : (environment['FAKE_ENGINE_MACHINE'] ?? made)}\n`)
}
if (command === 'push') {
  const { ECRClient, PutImageCommand } = await import('@aws-sdk/client-ecr')
  const image = parameters.at(-1) ?? ''
  const [, repository, tag] = /^[^/]+\/(.+):([^:]+)$/.exec(image) ?? []
  const digestOf = (text: string): string => `sha256:${createHash('sha256').update(text).digest('hex')}`
  const manifest = JSON.stringify({
    schemaVersion: 2,
    mediaType: 'application/vnd.docker.distribution.manifest.v2+json',
    config: { mediaType: 'application/vnd.docker.container.image.v1+json', size: 1, digest: digestOf(image) },
    layers: [],
  })
  const put = { repositoryName: repository, imageTag: tag, imageManifest: manifest, imageDigest: digestOf(manifest) }
  await new ECRClient({ region: 'eu-central-1' }).send(new PutImageCommand(put))
}
