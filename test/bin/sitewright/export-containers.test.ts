import { execFile, execFileSync } from 'node:child_process'
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterEach, expect, test, vi } from 'vitest'
import { createImageFiles } from '../../../adapters/registry/image-files.ts'
import { createPushTokens } from '../../../adapters/registry/push-tokens.ts'
import { createRegistry } from '../../../adapters/registry/serve-registry.ts'
import type { Api } from '../../../bin/sitewright/api.ts'
import { exportSite } from '../../../bin/sitewright/export.ts'
import { siteSchema } from '../../../bin/sitewright/site.ts'
import { blueprintOfFile, parseSiteFile } from '../../../core/blueprint/site-file.ts'
import { findFreePort } from '../../../local/engine/engine-place.ts'
import { importNodeImage } from '../../../tools/import-node-image.ts'
import { temporaryDirectory } from '../../e2e/temporary-directory.ts'
import { runCompose } from '../../support/compose-runner.ts'
import { canTestSites, testEngine } from '../../support/container-engine.ts'
import { enginePrograms } from '../../support/engine-programs.ts'
import { listening } from '../../support/listening.ts'
import { waitFor } from '../../support/wait-for.ts'

vi.setConfig({ testTimeout: 600_000 })
afterEach(() => void vi.unstubAllEnvs())

const engine = await testEngine()
const program = fileURLToPath(new URL('../../e2e/deployed-program.mjs', import.meta.url))
const podman = fileURLToPath(new URL('../../../.ci/container-engine', import.meta.url))
const repository = 'own/site-01jq3v5k8m0000000000000000'

const file = {
  name: 'leaving',
  title: 'A program that leaves',
  containers: [{ name: 'web', image: 'localhost/leaving:1', secrets: ['SESSION_KEY'] }],
  traffic: { container: 'web' },
  data: { mode: 'exclusive' },
}

test.runIf(engine !== undefined && (await canTestSites(engine)))(
  'an exported site runs by its compose file, with its data, and without Sitewright',
  async () => {
    if (engine === undefined) return
    await using ours = await temporaryDirectory()
    await cp(program, join(ours.path, 'deployed-program.mjs'))
    await writeFile(join(ours.path, 'release.txt'), 'one')
    const command = ['node', '/app/deployed-program.mjs']
    await importNodeImage(engine.streams, { tag: 'localhost/leaving:1', app: ours.path, command })

    await using kept = await temporaryDirectory()
    await mkdir(join(kept.path, 'data'))
    await writeFile(join(kept.path, 'data/written.txt'), 'before ')
    execFileSync('tar', ['-C', join(kept.path, 'data'), '--zstd', '-cf', join(kept.path, 'archive'), '.'])
    const archive = await readFile(join(kept.path, 'archive'))
    const tokens = createPushTokens({ secret: 'a'.repeat(43), clock: () => new Date().toISOString() })
    const registry = createRegistry({ files: createImageFiles(kept.path), tokens, lacksRoom: async () => false })
    const server = createServer((request, response) => {
      if (request.url === '/archive') response.end(archive)
      else void registry(request, response, new URL(request.url ?? '/', 'http://x'))
    })
    const at = await listening(server)
    const access = (right: 'pull' | 'push') => ({
      ...{ registry: `localhost:${at}`, repository, username: repository },
      ...tokens.issue(repository, right),
      platform: `linux/${process.arch === 'x64' ? 'amd64' : process.arch}`,
    })

    await using away = await temporaryDirectory()
    await enginePrograms(away.path)
    vi.stubEnv('PATH', `${away.path}:${process.env['PATH']}`)
    const notes: string[] = []
    const note = (line: string) => void notes.push(line)
    const parsed = parseSiteFile(file)
    try {
      const digestFile = join(kept.path, 'digest')
      const { password } = access('push')
      const options = ['--tls-verify=false', '--creds', `${repository}:${password}`, '--digestfile', digestFile]
      await promisify(execFile)(podman, [
        'podman',
        'push',
        ...options,
        'localhost/leaving:1',
        `docker://localhost:${at}/${repository}:1`,
      ])
      const images = { web: await readFile(digestFile, 'utf8') }
      const answers: Record<string, unknown> = {
        '/v1/sites/site_1/export': {
          ...{
            slug: 'leaving',
            version: 3,
            commit: null,
            file,
            images,
            variables: {},
            facts: {},
            pull: access('pull'),
          },
          ...{ generated: ['SESSION_KEY'], given: [], dataSecrets: [] },
          blueprint: blueprintOfFile(parsed, { version: 3, images: { web: 'localhost/own/site:x' } }),
        },
        '/v1/sites/site_1/archives': {
          archives: [
            {
              ...{ id: 'arc_1', at: '2026-01-31T09:30:00.000Z', kind: 'owner', bytes: archive.length },
              blueprint: { name: 'leaving', version: 3 },
            },
          ],
        },
        '/v1/sites/site_1/archives/arc_1/download': {
          url: `http://127.0.0.1:${at}/archive`,
          manifestUrl: `http://127.0.0.1:${at}/archive`,
        },
      }
      const api: Api = async ({ path }, schema) => schema.parse(answers[path])
      const site = siteSchema.parse({
        ...{ id: 'site_1', slug: 'leaving', name: 'L', url: 'https://l.example.com', status: 'active', planName: 'A' },
        ...{ operation: null, storage: null, downSince: null, blueprint: { name: 'site-1', version: 3 } },
        progress: { percent: 100 },
      })
      const to = join(away.path, 'leaving-export')
      const exported = await exportSite({ api, site, source: ours.path, to, fresh: false, note }).catch(String)
      expect(exported, notes.join('\n')).toMatchObject({ version: 3, missing: [] })
    } finally {
      // From here on there is no Sitewright.
      server.closeAllConnections()
      server.close()
    }
    const port = await findFreePort()
    await using _running = await runCompose(join(away.path, 'leaving-export'), [podman, 'podman'], port)
    const answer = await waitFor(() =>
      fetch(`http://127.0.0.1:${port}/`).then(
        async (found) => ({ status: found.status, body: await found.json() }),
        () => undefined,
      ),
    )
    expect(answer).toEqual({
      status: 200,
      body: { release: 'one', written: 'before one', found: [], isPayable: false },
    })
  },
)
