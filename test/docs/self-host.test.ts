import { execFile } from 'node:child_process'
import { cp, mkdir, readdir, readFile, readlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { temporaryDirectory } from '../e2e/temporary-directory.ts'
import { canTest, canTestWith } from '../support/can-test.ts'
import { startHost } from '../support/start-host.ts'
import { documentOf } from './support/documents.ts'

const run = promisify(execFile)
const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '')
const page = await readFile(join(root, 'docs/self-host.md'), 'utf8')

/** The commands of the page, in their order, without those that the page says are not tested. */
const commands = [...page.matchAll(/(<!-- Not tested: [^>]*-->\n\n)?```sh\n([\s\S]*?)```/g)]
  .filter(([, isLeft]) => isLeft === undefined)
  .map(([, , text = '']) => text)
/** The first ones install Sitewright. Their test has a machine of its own. */
const configuring = commands.findIndex((text) => text.includes('install -d'))
const [installing, using] = [commands.slice(0, configuring), commands.slice(configuring)]

describe('the page on self-hosting', () => {
  it.skipIf(!canTestWith(['caddy', 'openssl', 'restic'], 'the page on self-hosting'))(
    'has commands that work on a machine with a host, one after another',
    async () => {
      await using machine = await temporaryDirectory()
      const at = (path: string) => join(machine.path, path)
      await mkdir(at('etc/caddy/certificates'), { recursive: true })
      await mkdir(at('var/lib/sitewright'), { recursive: true })
      const names = ['-subj', '/CN=example.site', '-addext', 'subjectAltName=DNS:example.site,DNS:*.example.site']
      const files = [
        '-keyout',
        at('etc/caddy/certificates/privkey.pem'),
        '-out',
        at('etc/caddy/certificates/fullchain.pem'),
      ]
      const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2']
      await run('openssl', ['req', '-x509', ...key, ...names, ...files])
      // The host of this test is not public, but its home is like that of one that is.
      await using _host = await startHost({ home: at('var/lib/sitewright'), env: { SITEWRIGHT_POOL_SIZE: '0' } })
      const replaceCaddy = `sed -i 's#/etc/caddy#${at('etc/caddy')}#g' ${at('etc/caddy/Caddyfile')}\ncaddy validate`
      // Not into the repository.
      const writeCaddyfile = `>${at('Caddyfile')} && cp ${at('Caddyfile')} `
      const env = { ...process.env, HOME: machine.path, XDG_DATA_HOME: machine.path }
      /** Runs commands of the page on a machine. The disk of backups is the same on both. */
      const runOn = (directory: string, those: readonly string[]) => {
        const script = those
          .join('\n')
          .replaceAll(/(?<![\w:])\/(etc|var)\//g, `${directory}/$1/`)
          .replaceAll(/(?<![\w:])\/srv\//g, `${machine.path}/srv/`)
          .replaceAll('/opt/sitewright', root)
          .replaceAll('>Caddyfile && cp Caddyfile ', writeCaddyfile)
          .replaceAll('caddy validate', replaceCaddy)
        return run('bash', ['-euo', 'pipefail', '-c', script], { env })
      }
      const restoring = using.filter((text) => text.includes('--restore'))
      const { stdout } = await runOn(machine.path, [
        ...using.filter((text) => !restoring.includes(text)),
        'echo "$SITEWRIGHT_OPERATOR_TOKEN"',
      ])
      expect(stdout).toMatch(/Backed up \d+ sites in /)
      expect(stdout).toMatch(/^eyJ[\w-]+\.[\w-]+\.[\w-]+$/m)

      const unit = await readFile(join(root, 'docs/systemd/sitewright-backup.service'), 'utf8')
      const [, forget = ''] = /^ExecStopPost=\/usr\/bin\/(.+)$/m.exec(unit) ?? []
      const { homeId } = JSON.parse(await readFile(at('var/lib/sitewright/home.json'), 'utf8'))
      const withRepository = 'set -a; . /etc/sitewright/backup; set +a'
      const snapshots = async () =>
        JSON.parse((await runOn(machine.path, [withRepository, 'restic snapshots --json'])).stdout)
      const former = `restic backup --time '2020-01-01 00:00:00' --tag sitewright --host ${homeId} ${at('etc/caddy')}`
      await runOn(machine.path, [withRepository, former])
      expect(await snapshots()).toHaveLength(2)
      await runOn(machine.path, [withRepository, forget])
      expect(await snapshots()).toEqual([
        expect.objectContaining({ hostname: homeId, paths: [at('var/lib/sitewright/backup-in-progress')] }),
      ])

      await using newMachine = await temporaryDirectory()
      await mkdir(join(newMachine.path, 'etc'))
      await mkdir(join(newMachine.path, 'var/lib'), { recursive: true })
      const password = (await readFile(at('etc/sitewright/backup-password'), 'utf8')).trim()
      const restored = await runOn(newMachine.path, [
        ...using.slice(0, 1),
        ...restoring.map((text) => text.replace('<password>', password)),
      ])
      expect(restored.stdout).toContain('Restored latest to')
      expect(await readdir(join(newMachine.path, 'var/lib/sitewright'))).toEqual(
        expect.arrayContaining(['database', 'home.json', 'run', 'secrets.json']),
      )
    },
    120_000,
  )

  it('installs what the container engine of the tests needs', async () => {
    const engine = await readFile(join(root, '.ci/container-engine'), 'utf8')
    // Podman comes with a runtime for containers, and every Debian has tar.
    const needed = [...engine.matchAll(/packages\+=\((\S+)\)/g)]
      .map(([, name]) => name ?? '')
      .filter((name) => !['runc', 'tar'].includes(name))
    expect(needed).toContain('iptables')
    for (const name of needed) expect(installing[0]?.split(/\s/)).toContain(name)
  })

  it.skipIf(!canTestWith(['git', 'npm'], 'the installation and an update'))(
    'has an installation, an update that keeps the configuration and changes nothing where a command fails, and a way back',
    async () => {
      await using machine = await temporaryDirectory()
      const at = (path: string) => join(machine.path, path)
      for (const path of ['bin', 'opt', 'etc/caddy', 'etc/sitewright', 'etc/systemd/system', 'repository/docs/systemd'])
        await mkdir(at(path), { recursive: true })
      const stub = (name: string, text: string) => writeFile(at(`bin/${name}`), `#!/bin/sh\n${text}\n`, { mode: 0o755 })
      // systemd would do what this writes down.
      await stub('systemctl', `echo "$@" >>${at('done')}`)
      // Packages are not installed on the machine of this test: their names are only looked up.
      const lists = await run('apt-cache', ['show', 'netavark']).catch(() => undefined)
      const canLookUp = canTest(lists !== undefined, 'names of packages are not tested: there is no list', {
        isRequired: false,
      })
      const lookUp = '[ "$1" = update ] || { shift 2; [ $(apt-cache policy "$@" | grep -c Candidate:) = $# ]; }'
      await stub('apt-get', canLookUp ? lookUp : '')
      await writeFile(at('etc/sitewright/environment'), 'SITEWRIGHT_SITES_DOMAIN=example.site\n')
      const env = { ...process.env, PATH: `${at('bin')}:${process.env['PATH']}`, HOME: machine.path }
      const git = (...commandLine: readonly string[]) =>
        run('git', ['-C', at('repository'), '-c', 'user.name=a', '-c', 'user.email=a@example.com', ...commandLine])
      await git('init', '--quiet')
      const release = async (tag: string, postinstall: string) => {
        const check = `node ${join(root, 'bin/check-config.ts')}`
        const scripts = { caddyfile: `echo ${tag} for $SITEWRIGHT_SITES_DOMAIN`, 'check-config': check, postinstall }
        const named = { name: 'sitewright', version: '1.0.0' }
        await writeFile(at('repository/package.json'), JSON.stringify({ ...named, scripts }))
        await writeFile(
          at('repository/package-lock.json'),
          JSON.stringify({ ...named, lockfileVersion: 3, packages: {} }),
        )
        await writeFile(at('repository/sitewright.config.ts'), `// shipped with ${tag}\n`)
        await writeFile(at('repository/docs/systemd/sitewright.service'), tag)
        await git('add', '.')
        await git('commit', '--quiet', '--message', tag)
        await git('tag', tag)
      }
      await stub('caddy', '')
      const caddyfile = using.find((text) => text.includes('caddyfile')) ?? ''
      const [update = '', goBack = ''] = [...documentOf('deploy.md').matchAll(/```sh\n([^`]*ln -sfn[^`]*)```/g)].map(
        ([, text = '']) => text,
      )
      const perform = (commands: string, tag: string, ...options: readonly string[]) => {
        const script = commands
          .replaceAll(/<(?:former )?tag>/g, tag)
          .replaceAll('<repository>', at('repository'))
          .replaceAll(/(?<![\w:])\/(etc|opt)\//g, `${machine.path}/$1/`)
        return run('bash', [...options, '-c', script], { env })
      }
      const withNode = `mkdir -p node_modules/.bin && ln -s ${process.execPath} node_modules/.bin/node`
      const config = (text: string) => writeFile(at('opt/sitewright/sitewright.config.ts'), text)

      await release('v1', withNode)
      for (const commands of installing) await perform(commands, 'v1', '-e')
      await perform(caddyfile, 'v1', '-e')
      expect(await readlink(at('opt/sitewright'))).toBe('sitewright-v1')
      const own = `export { default } from '${root}/sitewright.config.ts'\n`
      await config(own)
      await release('v2', withNode)
      await perform(update, 'v2')
      expect(await readlink(at('opt/sitewright'))).toBe('sitewright-v2')
      expect(await readFile(at('opt/sitewright/sitewright.config.ts'), 'utf8')).toBe(own)
      expect(await readFile(at('etc/systemd/system/sitewright.service'), 'utf8')).toBe('v2')
      expect(await readFile(at('etc/caddy/Caddyfile'), 'utf8')).toBe('v2 for example.site\n')
      const done = 'enable --now podman.socket\ndaemon-reload\nrestart sitewright\nreload sitewright-routers caddy\n'
      expect(await readFile(at('done'), 'utf8')).toBe(done)

      await release('v3', 'false')
      await expect(perform(update, 'v3')).rejects.toThrow()
      await release('v4', withNode)
      await config("throw new Error('v4 does not know this setting')\n")
      await expect(perform(update, 'v4')).rejects.toThrow('v4 does not know this setting')
      await release('v5', withNode)
      await config(
        `import { defineConfig } from '${root}/core/config/config.ts'\nimport shipped from '${root}/sitewright.config.ts'\n` +
          "const offers = [{ id: 'schools', paths: ['/schools'], brand: { logo: '/gone/logo.svg' } }]\n" +
          'export default defineConfig({ ...shipped, offers })\n',
      )
      const refused = await perform(update, 'v5').catch(({ stderr }) => String(stderr).split('\n').at(-2))
      expect(refused).toBe("'/gone/logo.svg', which an offer names, cannot be read")
      expect(await readlink(at('opt/sitewright'))).toBe('sitewright-v2')
      expect(await readFile(at('etc/systemd/system/sitewright.service'), 'utf8')).toBe('v2')
      expect(await readFile(at('done'), 'utf8')).toBe(done)

      await perform(goBack, 'v1')
      expect(await readlink(at('opt/sitewright'))).toBe('sitewright-v1')
      expect(await readFile(at('etc/caddy/Caddyfile'), 'utf8')).toBe('v1 for example.site\n')
      const again = 'daemon-reload\nrestart sitewright\nreload sitewright-routers caddy\n'
      expect(await readFile(at('done'), 'utf8')).toBe(done + again)
    },
    60_000,
  )

  it.skipIf(!canTestWith(['restic', 'systemd-analyze'], 'the units of systemd'))(
    'has units that systemd takes',
    async () => {
      await using directory = await temporaryDirectory()
      const names = await readdir(join(root, 'docs/systemd'))
      for (const name of names) {
        const text = await readFile(join(root, 'docs/systemd', name), 'utf8')
        await writeFile(join(directory.path, name), text.replaceAll('/opt/sitewright', root))
      }
      const units = names.map((name) => join(directory.path, name))
      expect(await run('systemd-analyze', ['verify', ...units])).toEqual({ stdout: '', stderr: '' })
      await cp(units[0] ?? '', join(directory.path, 'wrong.service'))
      await writeFile(join(directory.path, 'wrong.service'), '[Service]\nExecStart=relative/path\n')
      await expect(run('systemd-analyze', ['verify', join(directory.path, 'wrong.service')])).rejects.toThrow()
    },
  )
})
