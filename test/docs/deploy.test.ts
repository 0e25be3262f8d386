import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { functions, isHttp, reservedOf, usualConcurrency } from '../../lambdas/manifest.ts'
import { routerDrain } from '../../lib/constructs/edge/front-door.ts'
import { deployedCounts } from '../cost/assumptions.ts'
import type { Resource } from '../lib/support/resources.ts'
import { testConfig } from '../lib/support/test-config.ts'
import { anchorsOf, commandsOf, documentOf, sectionOf } from './support/documents.ts'
import { allResources, production, written } from './support/production.ts'

const documents = { 'deploy.md': documentOf('deploy.md'), 'recovery.md': documentOf('recovery.md') }
const deploy = documents['deploy.md']
const { scripts } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))

const synthesised = await production()
const resources = allResources(synthesised)
const outputs = synthesised.stacks.flatMap((stack) =>
  Object.values<{ readonly Description?: string }>(
    synthesised.template(stack.replace('sitewright-production-', '')).toJSON()['Outputs'] ?? {},
  ),
)

describe('commands', () => {
  const all = Object.values(documents).flatMap(commandsOf)

  it('of npm exist in package.json', () => {
    const run = all.flatMap((line) => /npm run (?:--silent )?([\w:-]+)/.exec(line)?.[1] ?? [])
    expect(run).toEqual(expect.arrayContaining(['synth', 'publish-blueprint', 'demo']))
    for (const script of run) expect(scripts).toHaveProperty([script])
  })

  it('of cdk exist', () => {
    const verbs = all.flatMap((line) => /npx cdk (\S+)/.exec(line)?.[1] ?? [])
    for (const verb of verbs) expect(['bootstrap', 'deploy', 'destroy', 'diff', 'import']).toContain(verb)
    expect(verbs).toEqual(expect.arrayContaining(['bootstrap', 'deploy', 'destroy']))
  })

  it('of cdk name existing stacks or the second cell', () => {
    const named = all.flatMap((line) => (line.startsWith('npx cdk') ? (line.match(/sitewright-\S+/g) ?? []) : []))
    const known = [...synthesised.stacks, 'sitewright-production-cell-b']
    for (const stack of named.filter((name) => !name.includes('deploy'))) expect(known).toContain(stack)
  })

  it('publish an existing blueprint', () => {
    const files = all.flatMap((line) => line.match(/blueprints\/\S+\.yaml/g) ?? [])
    expect(files.length).toBeGreaterThan(0)
    for (const file of files) {
      expect(() => readFileSync(new URL(`../../${file}`, import.meta.url))).not.toThrow()
    }
  })
})

describe('the stacks', () => {
  it('are in the table in deployment order', () => {
    const rows = [...sectionOf(deploy, 'Configuration').matchAll(/^\| `(sitewright-[^`]+)` \|/gm)]
    expect(rows.map(([, stack]) => stack)).toEqual(synthesised.stacks)
  })

  it('are all destroyed in reverse order', () => {
    const section = sectionOf(deploy, 'Tear-down')
    const destroyed = [...section.matchAll(/npx cdk destroy (\S+)/g)].map(([, stack]) => stack)
    expect(destroyed.toSorted()).toEqual(synthesised.stacks.toSorted())
    const place = (part: string) => destroyed.indexOf(`sitewright-production-${part}`)
    expect(place('front')).toBeLessThan(place('watch'))
    expect(place('watch')).toBeLessThan(place('api'))
    expect(place('api')).toBeLessThan(place('control'))
    expect(place('control')).toBeLessThan(place('cell-a'))
    expect(place('cell-a')).toBeLessThan(place('edge'))
    expect(place('edge')).toBeLessThan(place('certificate'))
    expect(place('edge')).toBeLessThan(place('data'))
  })
})

describe('a rollback', () => {
  const section = sectionOf(deploy, 'Rollback')
  const [first = [], ...others] = [...section.matchAll(/^npx cdk deploy (.+)$/gm)].map(([, words = '']) =>
    words.split(' '),
  )
  const exportsOf = (stack: string) =>
    Object.values<{ readonly Export?: object }>(
      synthesised.template(stack.replace('sitewright-production-', '')).toJSON()['Outputs'] ?? {},
    ).filter((output) => output.Export !== undefined)

  it('leaves the data of the release alone, whose policy refuses to delete what the earlier one does not know', () => {
    expect(section).not.toMatch(/^npx cdk deploy .*--all/m)
    for (const words of [first, ...others]) {
      expect(words[0]).toBe('--exclusively')
      expect(words).not.toContain('sitewright-production-data')
    }
  })

  it('begins with stacks whose outputs no other stack imports, but for the API, which is always there', () => {
    const stacks = first.filter((word) => word.startsWith('sitewright-'))
    expect(stacks).toContain('sitewright-production-control')
    expect(stacks.flatMap(exportsOf)).toEqual(exportsOf('sitewright-production-api'))
    expect(exportsOf('sitewright-production-api')).toHaveLength(1)
  })
})

it('deploys what imports the entitlement key before the data stack leaves it, which CloudFormation refuses otherwise', () => {
  const section = sectionOf(documents['recovery.md'], 'The entitlement key')
  const [first = '', ...others] = [...section.matchAll(/^npx cdk deploy --exclusively (.+)$/gm)].map(
    ([, names]) => names,
  )
  const importing = synthesised.stacks.filter((stack) =>
    JSON.stringify(synthesised.template(stack.replace('sitewright-production-', '')).toJSON()).includes(
      'KeysEntitlement',
    ),
  )
  expect([...others, ...first.split(' ')]).toEqual(importing)
  expect(others).toEqual(['sitewright-production-data'])
})

it('says how long what is open has when a router or a function is replaced', () => {
  const section = sectionOf(deploy, 'What an upgrade interrupts')
  expect(section).toContain(`has ${routerDrain.deregistration.toSeconds()} s to end`)
  const longest = Math.max(...functions.filter(isHttp).map(({ timeout }) => timeout))
  expect(section).toContain(`after ${longest} s at most`)
})

describe('retained resources', () => {
  const kept = () => resources.filter(({ DeletionPolicy = '' }) => DeletionPolicy.startsWith('Retain'))
  const aliasOf = (key: Resource): string => {
    const alias = resources.find(
      ({ Type, Properties }) =>
        Type === 'AWS::KMS::Alias' && JSON.stringify(Properties.TargetKeyId ?? '').includes(`"${key.id}"`),
    )
    return alias?.Properties.AliasName
  }
  const withoutHash = (id: string): string => id.replace(/[0-9A-F]{8}$/, '')
  const nameOf = (resource: Resource): string => {
    const { Type, Properties = {} } = resource
    if (Type === 'AWS::KMS::Key') return aliasOf(resource)
    if (Type === 'AWS::EFS::FileSystem') {
      return Properties.FileSystemTags.find(({ Key }: { readonly Key: string }) => Key === 'Name').Value
    }
    const { TableName, BucketName, RepositoryName, UserPoolName, Name } = Properties
    return written(TableName ?? BucketName ?? RepositoryName ?? UserPoolName ?? Name) || withoutHash(resource.id)
  }

  it('match the list of retained resources', () => {
    const rows = [...sectionOf(deploy, 'Tear-down').matchAll(/^ {3}\| (?:[a-z ]+)?`([^`]+)`/gm)].map(([, name]) => name)
    expect(rows.toSorted()).toEqual(kept().map(nameOf).toSorted())
  })

  it('include each of these kinds', () => {
    const kinds = new Set(kept().map(({ Type }) => Type))
    for (const kind of ['AWS::DynamoDB::GlobalTable', 'AWS::KMS::Key', 'AWS::EFS::FileSystem', 'AWS::S3::Bucket']) {
      expect(kinds).toContain(kind)
    }
  })
})

describe('names', () => {
  /** What no template holds, and why. */
  const elsewhere = [
    ['sitewright-production-site_', 'families of task definitions are made at run time'],
    ['sitewright-production-restored', 'a table that a person makes'],
    ['sitewright-production-cell-b', 'a cell that comes later'],
    ['/sitewright/production/sites', 'parameters of sites are made at run time, and policies have a pattern of them'],
  ].map(([name]) => name)

  it.each(Object.entries(documents))('in %s exist in a template', (_name, document) => {
    const deployed = [...synthesised.stacks, ...resources.map(({ Properties }) => JSON.stringify(Properties))].join(
      '\n',
    )
    const ours = document.replaceAll('s3://', '').match(/(?:alias\/|\/)?sitewright[-/]production[\w/-]*/g) ?? []
    expect(ours.length).toBeGreaterThan(5)
    const unknown = ours
      .map((text) => text.replace(/[-/]$/, ''))
      .filter((name) => !elsewhere.includes(name) && !deployed.includes(name))
    expect(unknown).toEqual([])
  })

  it('of functions in recovery.md exist in the manifest', () => {
    const loops = [...documents['recovery.md'].matchAll(/for FUNCTION in ([^;]+);/g)]
    expect(loops).toHaveLength(10)
    const stopped = [0, 6].flatMap((at) => loops[at]?.[1]?.split(' ') ?? [])
    // Nothing may change a table that is being restored: what Stripe reports, a visitor's wake, or an execution that has begun.
    const writing = functions.filter(({ uses }) => uses.some((name: string) => name === 'sites:write'))
    expect(writing.length).toBeGreaterThan(30)
    expect(stopped).toEqual(expect.arrayContaining(writing.map(({ name }) => name)))
    for (const [, names = ''] of loops) {
      for (const name of names.split(' '))
        expect(functions.map((definition): string => definition.name)).toContain(name)
    }
  })

  it('of functions that start again get the concurrency that their deployment reserves', () => {
    const loops = [
      ...documents['recovery.md'].matchAll(
        /for FUNCTION in ([^;]+); do\n.*?(?:executions ([1-9]\d*)|delete-function-concurrency.*)\n/g,
      ),
    ]
    const restored = loops.flatMap(([, names = '', number]) =>
      names.split(' ').map((name) => [name, Number(number ?? 0)]),
    )
    const reserved = functions.map((one): [string, number] => [one.name, reservedOf(one, usualConcurrency) ?? 0])
    expect(restored).toContainEqual(['converge-billing', 4])
    expect(reserved).toEqual(expect.arrayContaining(restored))
    // Those of the API, which stop in a step of their own.
    const stopped = [
      ...documents['recovery.md'].matchAll(/^ {3}for FUNCTION in ([^;]+); do\n.*executions 0\n/gm),
    ].flatMap(([, names = '']) => names.split(' '))
    expect(stopped.toSorted()).toEqual(
      functions
        .filter(isHttp)
        .map(({ name }) => name)
        .toSorted(),
    )
    for (const name of stopped) expect(restored.map(([other]) => other)).toContain(name)
  })

  it('of outputs exist in a template', () => {
    const mentioned = [...deploy.matchAll(/Description=='([^']+)'/g)].map(([, description]) => description)
    expect(mentioned.length).toBeGreaterThan(0)
    const described = outputs.map(({ Description }) => Description)
    for (const description of mentioned) expect(described).toContain(description)
  })

  it('of settings match the schema of a stage', () => {
    const rows = [...sectionOf(deploy, 'Configuration').matchAll(/^\| ((?:`[\w.]+`(?:, )?)+) \| /gm)]
    const settings = rows.flatMap(([, cell = '']) => [...cell.matchAll(/`([\w.]+)`/g)].map(([, name]) => name ?? ''))
    const top = new Set(settings.map((setting) => setting.split('.')[0]))
    expect(top).toEqual(new Set(['account', 'budget', ...Object.keys(testConfig.stages['test']!)]))
  })
})

describe('rotating the secret of CloudFront', () => {
  const section = sectionOf(deploy, 'Rotating secrets')
  const row = (who: string) => new RegExp(`^\\| ${who} \\| (.+) \\|$`, 'm').exec(section)?.[1] ?? ''
  const inCode = (text: string) => [...text.matchAll(/`([^`]+)`/g)].map(([, name]) => name)

  it('names and deploys the stacks with a distribution that sends it', () => {
    const showing = resources
      .filter(({ Properties }) => JSON.stringify(Properties ?? {}).includes('x-sitewright-origin'))
      .map(({ Type, stack }) => [Type, stack])
    expect(showing.map(([type]) => type).toSorted()).toEqual([
      'AWS::CloudFront::Distribution',
      'AWS::CloudFront::Distribution',
      'AWS::WAFv2::WebACL',
    ])
    const stacks = [...new Set(showing.map(([, stack]) => stack))].toSorted()
    expect(inCode(row('show it')).toSorted()).toEqual(stacks)
    const [, deployed = '', context] = /npx cdk deploy --exclusively (.+) (-c \w+=true)/.exec(section) ?? []
    expect(deployed.split(' ').toSorted()).toEqual(stacks)
    // The firewall takes both values until the next deploy.
    expect(context).toBe('-c rollingOrigin=true')
    const firewall = resources.find(({ Properties }) => Properties?.Scope === 'REGIONAL')
    expect(section).toContain(`npx cdk deploy --exclusively ${firewall?.stack}\n`)
  })

  it('names the files with the comment to change', () => {
    const files = section.match(/lib\/[\w/-]+\.ts/g) ?? []
    expect(files).toHaveLength(2)
    for (const file of files) {
      const text = readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8')
      expect(text).toContain('comment: `')
      expect(text).toContain("SecretValue.secretsManager(names.secret('origin'))")
    }
  })

  it('names every function that accepts it, and the routers', () => {
    const taking = resources.filter(({ Properties }) => JSON.stringify(Properties ?? {}).includes('"ORIGIN_SECRET"'))
    const functions = taking.filter(({ Type }) => Type === 'AWS::Lambda::Function')
    const others = taking.filter((resource) => !functions.includes(resource))
    expect(others.map(({ Type }) => Type)).toEqual(['AWS::ECS::TaskDefinition'])
    expect(row('take it')).toContain('and the routers')
    const names = functions.map(({ Properties }) => String(Properties.FunctionName))
    expect(names.length).toBeGreaterThan(0)
    expect(
      inCode(row('take it'))
        .map((name) => `sitewright-production-${name}`)
        .toSorted(),
    ).toEqual(names.toSorted())
  })

  it('is read in one place for functions and in one for routers', () => {
    const files = readdirSync(new URL('../../cloud/', import.meta.url), { recursive: true, encoding: 'utf8' })
    const readers = files.filter(
      (file) =>
        file.endsWith('.ts') &&
        /ORIGIN_SECRET|openOriginSecrets/.test(readFileSync(new URL(`../../cloud/${file}`, import.meta.url), 'utf8')),
    )
    expect(readers.toSorted()).toEqual([
      'capabilities.ts',
      'parts/rotated-secrets.ts',
      'router/router-parts.ts',
      'variables.ts',
    ])
  })
})

describe("CDK's own role", () => {
  const prefixes: Readonly<Record<string, string>> = {
    'AWS::ApiGatewayV2': 'apigateway',
    'AWS::ApplicationAutoScaling': 'application-autoscaling',
    'AWS::CertificateManager': 'acm',
    'AWS::Cognito': 'cognito-idp',
    'AWS::EFS': 'elasticfilesystem',
    'AWS::ElasticLoadBalancingV2': 'elasticloadbalancing',
    'AWS::StepFunctions': 'states',
    'AWS::WAFv2': 'wafv2',
  }

  it('may use exactly the services of the templates', () => {
    const section = sectionOf(deploy, 'Restricting CDK')
    const [, list = ''] = /which is what the templates hold:\n([\s\S]*?); besides/.exec(section) ?? []
    const listed = [...list.matchAll(/`([a-z0-9-]+)`/g)].map(([, name]) => name)
    const used = new Set(
      resources
        .map(({ Type }) => Type.split('::').slice(0, 2).join('::'))
        .filter((service) => service.startsWith('AWS::') && service !== 'AWS::IAM')
        .map((service) => prefixes[service] ?? service.slice('AWS::'.length).toLowerCase()),
    )
    // CDK itself asks CloudFormation.
    expect(listed.toSorted()).toEqual([...used.add('cloudformation')].toSorted())
  })

  it.each([
    ['AWS::IAM::Role', /`iam` on roles ([\s\S]*?), and on the policies/, 'RoleName'],
    ['AWS::IAM::ManagedPolicy', /and on the policies ([\s\S]*?), with/, 'ManagedPolicyName'],
  ])('may make every %s of the templates', (type, listed, nameKey) => {
    const [, list = ''] = listed.exec(sectionOf(deploy, 'Restricting CDK')) ?? []
    const patterns = [...list.matchAll(/`\/?([^`*]+)(\*?)`/g)]
    expect(patterns).not.toEqual([])
    const isCovered = (name: string) =>
      patterns.some(([, start = '', star]) => (star === '*' ? name.startsWith(start) : name === start))
    // CloudFormation names what has no name of its own after its stack.
    const made = resources
      .filter(({ Type }) => Type === type)
      .map(({ id, stack, Properties: { Path = '/', [nameKey]: name = `${stack}-${id}` } }) => `${Path}${name}`.slice(1))
    expect(made).not.toEqual([])
    expect(made.filter((name) => !isCovered(name))).toEqual([])
  })
})

describe('links', () => {
  it.each(Object.entries(documents))('of %s point to existing headings', (name, document) => {
    const links = [...document.matchAll(/\]\(([a-z]+\.md)?(?:#([a-z-]+))?\)/g)]
    expect(links.length).toBeGreaterThan(0)
    for (const [, file = name, anchor] of links) {
      if (anchor !== undefined) expect(anchorsOf(documentOf(file))).toContain(anchor)
      else expect(documentOf(file)).not.toBe('')
    }
  })
})

it('counts the functions with reserved concurrency', () => {
  const reserved = functions.filter((definition) => 'oneAtATime' in definition)
  expect(reserved).toHaveLength(11)
  expect(deploy).toContain('eleven functions reserve one each')
  const more = functions.flatMap((definition) =>
    'processesAtMost' in definition ? [[definition.name, definition.processesAtMost]] : [],
  )
  expect(more).toEqual([['converge-billing', 4]])
  expect(deploy).toContain('`converge-billing` four')
  const usual = functions.flatMap((one) => ('processesReserved' in one ? [[one.name, one.processesReserved]] : []))
  expect(Object.fromEntries(usual)).toEqual({
    'public-api': 50,
    'owner-api': 50,
    'stripe-webhook': 10,
    'wake-site-on-request': 50,
    'await-site': 300,
  })
  expect(deploy).toContain(
    '`public-api`, `owner-api` and `wake-site-on-request` 50 each, `stripe-webhook` 10 and `await-site` 300',
  )
})

describe('resources in the costs', () => {
  const ofType = (type: string) => resources.filter(({ Type }) => Type === type)

  it('interface endpoints, without free gateways', () => {
    const endpoints = ofType('AWS::EC2::VPCEndpoint').filter(
      ({ Properties }) => Properties.VpcEndpointType === 'Interface',
    )
    expect(endpoints).toHaveLength(deployedCounts.interfaceEndpoints)
  })

  it('secrets, with their copies in other regions', () => {
    const secrets = ofType('AWS::SecretsManager::Secret')
    const copies = secrets.flatMap(({ Properties }) => Properties.ReplicaRegions ?? [])
    expect(secrets.length + copies.length).toBe(deployedCounts.secrets)
  })

  it.each([
    ['AWS::KMS::Key', deployedCounts.keys],
    ['AWS::CloudWatch::Dashboard', deployedCounts.dashboards],
  ])('%s: %d', (type, count) => {
    expect(ofType(type)).toHaveLength(count)
  })

  it('metrics of alarms, and those that filters make of log lines', () => {
    const read = ofType('AWS::CloudWatch::Alarm').flatMap(({ Properties: { Metrics = [{ MetricStat: {} }] } }) =>
      Metrics.filter((one: object) => 'MetricStat' in one),
    )
    expect(read).toHaveLength(deployedCounts.alarmMetrics + deployedCounts.alarmMetricsOfCell)
    const made = ofType('AWS::Logs::MetricFilter').map(({ Properties }) => Properties.MetricTransformations[0])
    expect(new Set(made.map(({ MetricName }) => MetricName)).size).toBe(deployedCounts.logMetrics)
    // A default value would make each of them a metric of every hour.
    expect(made.filter(({ DefaultValue }) => DefaultValue !== undefined)).toEqual([])
  })

  it('rules of the firewalls', () => {
    const rules = ofType('AWS::WAFv2::WebACL').map(({ Properties }) => [Properties.Scope, Properties.Rules.length])
    expect(Object.fromEntries(rules)).toEqual({
      CLOUDFRONT: deployedCounts.firewallRules,
      REGIONAL: deployedCounts.firewallRulesOfSites,
    })
  })

  it('names in the lists of the firewall of names', () => {
    const lists = ofType('AWS::Route53Resolver::FirewallDomainList')
    expect(lists.flatMap(({ Properties }) => Properties.Domains)).toHaveLength(deployedCounts.firewallDomains)
  })

  it('hosted zones, of which one cell has one', () => {
    // The two of the configuration exist before.
    expect(deployedCounts.hostedZones).toBe(2)
    expect(ofType('AWS::Route53::HostedZone').map(({ stack }) => stack)).toEqual(['sitewright-production-cell-a'])
  })

  it('no NAT gateway', () => {
    expect(ofType('AWS::EC2::NatGateway')).toEqual([])
  })

  it('no Container Insights in a cell', () => {
    const insights = ofType('AWS::ECS::Cluster').map(({ Properties }) => [
      Properties.ClusterName,
      Properties.ClusterSettings?.[0]?.Value,
    ])
    expect(insights).toEqual(
      expect.arrayContaining([
        ['sitewright-production-a', 'disabled'],
        ['sitewright-production-edge', 'enabled'],
      ]),
    )
    expect(insights).toHaveLength(2)
  })
})
