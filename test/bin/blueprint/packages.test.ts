import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { parseBlueprint } from '../../../core/blueprint/blueprint.ts'
import { findFreePort } from '../../../local/engine/engine-place.ts'
import { directoryForAll } from '../../support/temporary-directories.ts'

const run = promisify(execFile)
const command = resolve(import.meta.dirname, '../../../bin/blueprint.ts')

const directory = await directoryForAll()

const init = (parameters: readonly string[], variables: Readonly<Record<string, string>>) =>
  run(process.execPath, [command, 'init', ...parameters], { cwd: directory, env: { ...process.env, ...variables } })

const read = async (path: string) => readFile(join(directory, path), 'utf8')

const drafted = async (path: string) => {
  const text = await read(path)
  return { text, blueprint: parseBlueprint(parse(text), path) }
}

const makeWheel = `import zipfile
with zipfile.ZipFile('till_shop-4.2-py3-none-any.whl', 'w') as wheel:
    about = 'till_shop-4.2.dist-info/'
    wheel.writestr(about + 'METADATA', 'Metadata-Version: 2.1\\nName: till-shop\\nVersion: 4.2\\n')
    wheel.writestr(about + 'WHEEL', 'Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n')
    wheel.writestr(about + 'RECORD', '')
    wheel.writestr(about + 'entry_points.txt', '[console_scripts]\\ntill-admin = till:admin\\ntill-shop = till:main\\n[others]\\nx = y\\n')
`

const hasPip = await run('python3', ['-m', 'pip', '--version']).then(
  () => true,
  () => false,
)

describe('a blueprint from a package', () => {
  it.skipIf(!hasPip)('of PyPI has its version and its command, and a Dockerfile beside it', async () => {
    await run('python3', ['-c', makeWheel], { cwd: directory })
    const pip = { PIP_NO_INDEX: '1', PIP_FIND_LINKS: directory }
    const { stdout } = await init(['--pip', 'till-shop[mail,db]>=4'], pip)
    expect(stdout).toContain('Written: till-shop/Dockerfile and till-shop/till-shop.yaml.')
    const { blueprint, text } = await drafted('till-shop/till-shop.yaml')
    expect(blueprint).toMatchObject({
      name: 'till-shop',
      access: 'owner',
      features: [],
      containers: [{ image: 'till-shop:4.2', build: { context: '.' }, command: ['till-shop'] }],
    })
    expect(text).toContain('# ? Which arguments let till-shop serve on HOST and PORT')
    expect(text).toContain('# ? It also installs till-admin.')
    const dockerfile = await read('till-shop/Dockerfile')
    expect(dockerfile).toContain('ARG VERSION=4.2\n')
    expect(dockerfile).toContain('pip install --no-cache-dir "till-shop[mail,db]==$VERSION"')
    await expect(init(['--pip', 'none'], pip)).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^pip does not find 'none': Could not find a version/),
    })
  })

  it('of npm has its version and its command, also where it has a scope', async () => {
    const port = await findFreePort()
    const registry = createServer(({ url }, response) => {
      const version =
        url === '/@till%2fshop' ? { name: '@till/shop', version: '5.0.1', bin: { 'till-shop': 'x.js' } } : {}
      const versions = { '5.0.1': { name: 'library', version: '5.0.1', ...version } }
      response.end(JSON.stringify({ name: 'x', 'dist-tags': { latest: '5.0.1' }, versions }))
    }).listen(port, '127.0.0.1')
    await once(registry, 'listening')
    const npm = { npm_config_registry: `http://127.0.0.1:${port}`, npm_config_cache: join(directory, 'npm') }
    await init(['--npm', '@till/shop', '--out', 'market/market.yaml'], npm)
    const { blueprint } = await drafted('market/market.yaml')
    expect(blueprint).toMatchObject({ name: 'shop', containers: [{ image: 'shop:5.0.1', command: ['till-shop'] }] })
    expect(await read('market/Dockerfile')).toContain('RUN npm install --omit=dev "@till/shop@$VERSION"')
    await expect(init(['--npm', 'library'], npm)).rejects.toMatchObject({
      code: 2,
      stderr: "'library' installs no command: it is a library and no product.\n",
    })
    registry.close()
  })
})
