import { readdir, readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const directory = fileURLToPath(new URL('../../docs/systemd/', import.meta.url))

/** The settings of a section, each with all its lines: systemd adds up what is set several times. */
const sectionOf = (name: 'Unit' | 'Service', unit: string): Readonly<Record<string, readonly string[]>> => {
  const [, section = ''] = new RegExp(`^\\[${name}\\]\\n((?:(?!\\[).*\\n)*)`, 'm').exec(unit) ?? []
  const lines = [...section.matchAll(/^(\w+)=(.*)$/gm)]
  const settings = Map.groupBy(lines, ([, name = '']) => name)
  return Object.fromEntries([...settings].map(([name, those]) => [name, those.map(([, , value = '']) => value)]))
}

const serviceOf = (unit: string) => sectionOf('Service', unit)

/** What a service can reach, and what it may do. Undefined is not set at all. Who loosens one changes this table too. */
const sandboxes: Readonly<Record<string, Readonly<Record<string, string | undefined>>>> = {
  'sitewright-backup.service': {
    ProtectSystem: 'strict',
    ReadWritePaths: '/var/lib/sitewright -/srv/backup',
    ProtectHome: 'read-only',
    PrivateTmp: 'true',
    PrivateDevices: 'true',
    NoNewPrivileges: 'true',
    CapabilityBoundingSet: 'CAP_CHOWN CAP_DAC_OVERRIDE CAP_FOWNER CAP_FSETID',
    AmbientCapabilities: undefined,
    ProtectKernelTunables: 'true',
    ProtectKernelModules: 'true',
    ProtectKernelLogs: 'true',
    ProtectControlGroups: 'true',
    ProtectClock: 'true',
    ProtectHostname: 'true',
    RestrictNamespaces: 'true',
    RestrictRealtime: 'true',
    RestrictAddressFamilies: 'AF_UNIX AF_INET AF_INET6 AF_NETLINK',
    LockPersonality: 'true',
    SystemCallArchitectures: 'native',
  },
  'sitewright-routers.service': {
    ProtectSystem: 'strict',
    ReadWritePaths: undefined,
    TemporaryFileSystem: '/var/lib/sitewright:ro',
    BindPaths: '/var/lib/sitewright/run',
    PrivateTmp: 'true',
    NoNewPrivileges: 'true',
    // None at all.
    CapabilityBoundingSet: '',
    AmbientCapabilities: undefined,
  },
  'sitewright.service': {
    ProtectSystem: 'strict',
    ReadWritePaths: '/var/lib/sitewright',
    ProtectHome: 'read-only',
    PrivateTmp: 'true',
    NoNewPrivileges: 'true',
    // It needs rights of root to make network namespaces and firewall rules.
    CapabilityBoundingSet: undefined,
    ProtectKernelModules: 'true',
    ProtectKernelLogs: 'true',
    ProtectClock: 'true',
    ProtectHostname: 'true',
    RestrictRealtime: 'true',
    LockPersonality: 'true',
    SystemCallArchitectures: 'native',
  },
}

describe('a service of systemd', () => {
  it('is in this table', async () => {
    const names = (await readdir(directory)).filter((name) => name.endsWith('.service'))
    expect(names.toSorted()).toEqual(Object.keys(sandboxes).toSorted())
  })

  it('backs up with the settings of the host, and those of restic over them', async () => {
    const service = serviceOf(await readFile(`${directory}sitewright-backup.service`, 'utf8'))
    expect(service['EnvironmentFile']).toEqual(['-/etc/sitewright/environment', '/etc/sitewright/backup'])
  })

  it('lets restic end with its lock removed, and removes one that is left before it removes old backups', async () => {
    const service = serviceOf(await readFile(`${directory}sitewright-backup.service`, 'utf8'))
    expect(service).toMatchObject({ KillSignal: ['SIGINT'], TimeoutStartSec: ['20h'], TimeoutStopSec: ['4h'] })
    expect(service['ExecStopPost']).toEqual([
      '-/usr/bin/restic unlock',
      expect.stringMatching(/^\/usr\/bin\/restic forget .* --prune$/),
    ])
  })

  it.each(Object.keys(sandboxes))('%s does not start before the disk of the home is mounted', async (name) => {
    const unit = sectionOf('Unit', await readFile(`${directory}${name}`, 'utf8'))
    expect(unit['RequiresMountsFor']).toEqual(['/var/lib/sitewright'])
  })

  it.each(Object.entries(sandboxes))('%s has its sandbox', async (name, sandbox) => {
    const service = serviceOf(await readFile(`${directory}${name}`, 'utf8'))
    const found = Object.fromEntries(Object.keys(sandbox).map((setting) => [setting, service[setting]]))
    const expected = Object.entries(sandbox).map(([setting, value]) => [setting, value === undefined ? value : [value]])
    expect(found).toEqual(Object.fromEntries(expected))
  })
})

it.each(['sitewright.service', 'sitewright-routers.service'])(
  '%s goes on where the kernel ends one of its processes for want of memory',
  async (name) => {
    expect(serviceOf(await readFile(`${directory}${name}`, 'utf8'))['OOMPolicy']).toEqual(['continue'])
  },
)
