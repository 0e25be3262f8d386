import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { defineConfig } from '../../../core/config/config.ts'
import { fargateSizeProblem } from '../../../core/config/fargate-size.ts'
import { ipv4Range, rangesOverlap, subnetsOf } from '../../../core/config/stage.ts'
import shipped from '../../../sitewright.config.ts'

const production = shipped.stages['production']!
const [cell] = production.cells

const linesOf = (change: object, config: object = {}): string[] => {
  try {
    defineConfig({
      ...structuredClone(shipped),
      stages: { production: { ...production, ...change } },
      ...config,
    } as Parameters<typeof defineConfig>[0])
  } catch (error) {
    return String(error).split('\n').slice(1)
  }
  return []
}

describe('a stage', () => {
  it.each<[string, object, string, string]>([
    ['without a domain for its sites', { sites: undefined }, 'sites', 'expected object'],
    [
      'without a hostname for its console',
      { console: { ...production.console, hostname: '' } },
      'console.hostname',
      'must be a full hostname',
    ],
    [
      'whose console and sites share a registered domain',
      { sites: { domain: 'sites.example.com', hostedZone: { id: 'Z00000000000000000001', name: 'example.com' } } },
      'sites.domain',
      'is of example.com, as the console is',
    ],
    [
      'whose sites are outside of their zone',
      { sites: { ...production.sites, domain: 'example.org' } },
      'sites.domain',
      'must be within its hosted zone, example.net',
    ],
    [
      'whose console only looks as if it were in its zone',
      { console: { ...production.console, hostname: 'tryexample.com' } },
      'console.hostname',
      'must be within its hosted zone, example.com',
    ],
    ['of an unknown kind of region', { region: 'Frankfurt' }, 'region', 'must be a region'],
    [
      'with a zone of another region',
      { availabilityZones: ['eu-central-1a', 'eu-west-1b'] },
      'availabilityZones.1',
      'must be a zone of eu-central-1',
    ],
    ['with one zone alone', { availabilityZones: ['eu-central-1a'] }, 'availabilityZones', '>=2'],
    [
      'with one zone twice',
      { availabilityZones: ['eu-central-1a', 'eu-central-1a'] },
      'availabilityZones',
      'names a zone twice',
    ],
    [
      'with a hosted zone by its name',
      { console: { ...production.console, hostedZone: { id: 'example.com', name: 'example.com' } } },
      'console.hostedZone.id',
      'must be the id of a hosted zone',
    ],
    ['whose mail is from elsewhere', { mailFrom: 'no-reply@example.org' }, 'mailFrom', 'within example.com'],
    ['without anybody to alarm', { alarmContact: undefined }, 'alarmContact', 'must be an e-mail address'],
    ['without a cell', { cells: [] }, 'cells', '>=1'],
    [
      'with two cells of one name',
      { cells: [cell, { ...cell, cidr: '10.2.0.0/17' }] },
      'cells.1.name',
      'is the name of another cell',
    ],
    [
      'with a cell whose name begins with a digit',
      { cells: [{ ...cell, name: '2b' }] },
      'cells.0.name',
      'the first a letter',
    ],
    [
      'whose cells overlap',
      { cells: [cell, { name: 'b', cidr: '10.1.64.0/18' }] },
      'cells.1.cidr',
      'overlaps with another cell',
    ],
    ['whose cell overlaps with the edge', { network: '10.1.0.0/20' }, 'cells.0.cidr', 'the network of the edge'],
    [
      'whose cell has addresses that are for one machine',
      { cells: [{ ...cell, cidr: '10.215.128.0/17' }] },
      'cells.0.cidr',
      'overlaps with 10.208.0.0/13',
    ],
    ['with a network that is none', { network: '10.0.0.1/20' }, 'network', 'must be a network'],
    ['with addresses of single links', { network: '169.254.0.0/20' }, 'network', 'must be a network'],
    [
      'whose cell runs more sites than its addresses admit',
      { cells: [{ ...cell, cidr: '10.1.0.0/20' }] },
      'cells.0.sites',
      'must be at most 1014',
    ],
    [
      'with fewer routers at most than at least',
      { router: { ...production.router, min: 3, max: 2 } },
      'router.max',
      'must not be below',
    ],
    [
      'with one router, unless its profile is small',
      { router: { ...production.router, min: 1 } },
      'router.min',
      "set profile to 'small'",
    ],
    [
      'with a router of a size that Fargate does not offer',
      { router: { ...production.router, memoryMiB: 1000 } },
      'router',
      'with 1 CPUs Fargate offers 2048',
    ],
    ['with a field too many', { colour: 'blue' }, 'colour', 'is an unknown field'],
  ])('%s is refused in one line that names the path, the value and what is allowed', (_name, change, path, message) => {
    const lines = linesOf(change)
    expect(lines).toHaveLength(1)
    expect(lines[0]).toContain(`  stages.production.${path}: `)
    expect(lines[0]).toContain(message)
    expect(lines[0]).toMatch(/\(it is .+\)$/)
  })

  it.each([
    ['aws', "must not contain 'aws', 'amazon' or 'cognito'"],
    ['labcognito', "must not contain 'aws', 'amazon' or 'cognito'"],
    ['pre-prod', 'must be 2 to 12 lower-case letters and digits, the first a letter'],
    ['2prod', 'must be 2 to 12 lower-case letters and digits, the first a letter'],
  ])("is not called '%s', which some names on AWS cannot have in them", (name, message) => {
    expect(linesOf({}, { stages: { [name]: production } })).toEqual([`  stages.${name}: the name ${message}`])
  })

  it('is refused with a plan of a size that Fargate does not offer, which one machine takes', () => {
    const plans = shipped.plans.map((plan) =>
      plan.id === 'trial' ? { ...plan, size: { ...plan.size, memoryMiB: 256 } } : plan,
    )
    expect(linesOf({}, { plans })).toEqual([
      expect.stringContaining('  plans.0.size: with 0.5 CPUs Fargate offers 1024, 2048, 3072, 4096 MiB, not 256'),
    ])
    expect(linesOf({}, { plans, stages: {} })).toEqual([])
  })
})

describe('a size on Fargate', () => {
  it.each([
    [0.25, 512],
    [0.5, 4096],
    [2, 16_384],
    [8, 20_480],
    [16, 122_880],
  ])('of %s CPUs and %s MiB is offered', (cpu, memoryMiB) => {
    expect(fargateSizeProblem({ cpu, memoryMiB })).toBeUndefined()
  })

  it.each([
    [0.25, 4096],
    [0.5, 512],
    [4, 4096],
    [8, 17_408],
    [3, 8192],
  ])('of %s CPUs and %s MiB is not', (cpu, memoryMiB) => {
    expect(fargateSizeProblem({ cpu, memoryMiB })).toMatch(/Fargate/)
  })
})

describe('a network', () => {
  const network = fc
    .tuple(fc.integer({ min: 0, max: 2 ** 32 - 1 }), fc.integer({ min: 16, max: 24 }))
    .map(([address, length]) => {
      const base = address - (address % 2 ** (32 - length))
      const bytes = [24, 16, 8, 0].map((shift) => Math.floor(base / 2 ** shift) % 256)
      return { text: `${bytes.join('.')}/${length}`, first: base, last: base + 2 ** (32 - length) - 1 }
    })

  it('is read as its first and last address', () => {
    fc.assert(
      fc.property(network, ({ text, first, last }) => {
        expect(ipv4Range(text)).toEqual({ first, last })
      }),
    )
  })

  it('overlaps with another exactly where they share an address', () => {
    fc.assert(
      fc.property(network, network, (one, other) => {
        const shared = Math.max(one.first, other.first) <= Math.min(one.last, other.last)
        expect(rangesOverlap(one.text, other.text)).toBe(shared)
      }),
    )
    expect(rangesOverlap('10.1.0.0/16', '10.1.128.0/17')).toBe(true)
    expect(rangesOverlap('10.1.0.0/17', '10.1.128.0/17')).toBe(false)
  })

  it.each(['10.0.0.0/15', '10.0.0.0/25', '10.0.0.0', '10.0.300.0/16', '10.1.2.3/16', 'ten/16'])(
    '%s is none',
    (text) => {
      expect(ipv4Range(text)).toBeUndefined()
    },
  )
})

// The Amazon VPC User Guide, "IPv4 CIDR block association restrictions", row by row.
describe('the blocks of one VPC', () => {
  const cellsOf = (blocks: readonly string[]) => blocks.map((cidr, at) => ({ name: `c${at}`, cidr, sites: 100 }))

  it.each([
    ['10.2.0.0/20', '172.16.0.0/17'],
    ['10.2.0.0/20', '192.168.0.0/17'],
    ['10.2.0.0/20', '198.19.0.0/17'],
    ['10.0.0.0/20', '10.0.128.0/17'],
    ['10.1.0.0/20', '10.0.0.0/17'],
    ['172.16.0.0/20', '10.1.0.0/17'],
    ['172.16.0.0/20', '192.168.0.0/17'],
    ['172.16.0.0/20', '172.31.0.0/17'],
    ['172.31.0.0/20', '172.31.128.0/17'],
    ['172.16.0.0/20', '198.19.0.0/17'],
    ['192.168.0.0/20', '10.1.0.0/17'],
    ['192.168.0.0/20', '172.16.0.0/17'],
    ['192.168.0.0/20', '198.19.0.0/17'],
    ['198.19.0.0/20', '10.1.0.0/17'],
    ['100.64.0.0/20', '10.1.0.0/17'],
    ['100.64.0.0/20', '198.19.0.0/17'],
    ['203.0.112.0/20', '192.168.0.0/17'],
  ])('are not %s and then %s', (network, cidr) => {
    expect(linesOf({ network, cells: cellsOf([cidr]) })).toEqual([
      expect.stringContaining(`cells.0.cidr: cannot be added by EC2 to a VPC with ${network}`),
    ])
  })

  it.each([
    ['10.0.0.0/20', '10.1.0.0/17', '10.1.128.0/17', '100.64.0.0/17'],
    ['10.2.0.0/20', '10.0.0.0/17', '10.1.0.0/17'],
    ['172.16.0.0/20', '172.30.0.0/17', '203.0.0.0/17'],
    ['192.168.0.0/20', '192.168.128.0/17', '100.64.0.0/17'],
    ['198.19.0.0/20', '100.64.0.0/17', '203.0.0.0/17'],
    ['100.64.0.0/20', '100.65.0.0/17', '203.0.0.0/17'],
  ])('may be %s and then %s', (network, ...blocks) => {
    expect(linesOf({ network, cells: cellsOf(blocks) })).toEqual([])
  })

  it('are judged by the cells before too', () => {
    expect(linesOf({ network: '10.2.0.0/20', cells: cellsOf(['10.1.0.0/17', '10.0.0.0/17']) })).toEqual([
      expect.stringContaining('cells.1.cidr: cannot be added by EC2 to a VPC with 10.1.0.0/17'),
    ])
  })
})

const networks = fc
  .tuple(fc.integer({ min: 16, max: 20 }), fc.integer({ min: 0, max: 15 }), fc.integer({ min: 0, max: 255 }))
  .map(([length, part, second]) => `10.${second}.${(part * 2 ** (24 - length)) % 256}.0/${length}`)
  .filter((cidr) => ipv4Range(cidr) !== undefined)

describe('the parts of a network', () => {
  it('are its addresses, in order', () => {
    expect(subnetsOf('10.1.0.0/17', 3)).toEqual([
      '10.1.0.0/20',
      '10.1.16.0/20',
      '10.1.32.0/20',
      '10.1.48.0/20',
      '10.1.64.0/20',
      '10.1.80.0/20',
      '10.1.96.0/20',
      '10.1.112.0/20',
    ])
    expect(subnetsOf('192.168.128.0/24', 0)).toEqual(['192.168.128.0/24'])
  })

  it('are of one size, fill it, and share nothing', () => {
    fc.assert(
      fc.property(networks, fc.integer({ min: 1, max: 4 }), (cidr, bits) => {
        const whole = ipv4Range(cidr)!
        const parts = subnetsOf(cidr, bits)
        const ranges = parts.map((part) => ipv4Range(part)!)
        expect(ranges.at(0)!.first).toBe(whole.first)
        expect(ranges.at(-1)!.last).toBe(whole.last)
        expect(new Set(ranges.map(({ first, last }) => last - first)).size).toBe(1)
        parts.slice(1).forEach((part, index) => {
          expect(rangesOverlap(part, parts[index]!)).toBe(false)
        })
      }),
    )
  })

  it('are of no text that is no network', () => {
    expect(() => subnetsOf('10.1.0.0', 2)).toThrow('10.1.0.0 is no network')
  })
})
