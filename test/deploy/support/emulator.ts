import { waitFor } from '../../support/wait-for.ts'

export const account = '123456789012'

/** The region of the stage, and that of CloudFront's certificates. */
export const regions = ['eu-central-1', 'us-east-1'] as const

export const endpoint = (): string => {
  const address = process.env['AWS_ENDPOINT_URL']
  if (address) return address
  throw new Error('MiniStack is not running: eval "export $(.ci/ministack start)" first')
}

/** Asks a service without an SDK. The emulator takes account, region and service from the signature, and does not verify it. */
const ask = async (service: string, region: string, path: string, body: string): Promise<string> => {
  const scope = `${account}/20260101/${region}/${service}/aws4_request`
  const answer = await fetch(new URL(path, endpoint()), {
    method: 'POST',
    headers: {
      authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=0`,
      'content-type': 'application/x-www-form-urlencoded',
    },
    body,
  })
  const text = await answer.text()
  if (answer.ok) return text
  throw new Error(`${service}: ${valuesOf(text, 'Message')[0] ?? text}`)
}

/** The texts of all elements with a name. */
const valuesOf = (xml: string, name: string): readonly string[] =>
  Array.from(xml.matchAll(new RegExp(`<${name}>([^<]*)</${name}>`, 'g')), ([, value = '']) => value)

/** Creates a hosted zone. @returns its id. */
export const createZone = async (name: string): Promise<string> => {
  const body = `<CreateHostedZoneRequest xmlns="https://route53.amazonaws.com/doc/2013-04-01/"><Name>${name}</Name><CallerReference>${name}</CallerReference></CreateHostedZoneRequest>`
  const answer = await ask('route53', 'us-east-1', '/2013-04-01/hostedzone', body)
  const [id = ''] = valuesOf(answer, 'Id')
  return id.replace('/hostedzone/', '')
}

/** The name of the only load balancer. */
export const loadBalancer = async (): Promise<string> => {
  const body = new URLSearchParams({ Action: 'DescribeLoadBalancers', Version: '2015-12-01' })
  const answer = await ask('elasticloadbalancing', regions[0], '/', body.toString())
  return valuesOf(answer, 'LoadBalancerName')[0] ?? ''
}

interface StackInput {
  readonly name: string
  readonly region: string
  /** Where its template is. */
  readonly url: string
}

/** Creates or updates a stack, and waits for it. @returns whether it changed. @throws {Error} with the reasons of the resources that failed. */
export const deployStack = async ({ name, region, url }: StackInput): Promise<boolean> => {
  const askStacks = (Action: string, more: Record<string, string> = {}) =>
    ask(
      'cloudformation',
      region,
      '/',
      new URLSearchParams({ Action, StackName: name, Version: '2010-05-15', ...more }).toString(),
    )
  const exists = await askStacks('DescribeStacks').then(
    () => true,
    () => false,
  )
  const asked = askStacks(exists ? 'UpdateStack' : 'CreateStack', {
    TemplateURL: url,
    'Capabilities.member.1': 'CAPABILITY_NAMED_IAM',
  })
  const isSame = await asked.then(
    () => false,
    (error: Error) => {
      if (error.message.endsWith('No updates are to be performed.')) return true
      throw error
    },
  )
  if (isSame) return false
  const status = await waitFor(async () => {
    const found = valuesOf(await askStacks('DescribeStacks'), 'StackStatus')[0] ?? ''
    return !found.endsWith('_IN_PROGRESS') && found
  })
  if (status === 'CREATE_COMPLETE' || status === 'UPDATE_COMPLETE') return true
  const reasons: string[] = []
  for (let token: string | undefined = ''; token !== undefined; ) {
    const page: string = await askStacks('DescribeStackEvents', token === '' ? {} : { NextToken: token })
    token = valuesOf(page, 'NextToken')[0]
    for (const event of page.split('<member>').filter((text) => text.includes('_FAILED<')))
      reasons.push(`${valuesOf(event, 'LogicalResourceId')[0]}: ${valuesOf(event, 'ResourceStatusReason')[0]}`)
  }
  throw new Error(`MiniStack did not deploy ${name} (${status}): ${reasons.join('; ')}`)
}
