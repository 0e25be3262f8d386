import { createServer, type IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import { listening } from '../../support/listening.ts'

interface PlayedTenant {
  readonly id: string
  readonly name: string
  readonly domain: string
  version: number
  isEnabled: boolean
  /** The certificate in use. */
  certificateArn?: string
  /** The requested certificate. */
  managed?: { readonly arn: string; status: string }
}

interface Failure {
  readonly status: number
  readonly code: string
  readonly message: string
}

interface Played {
  readonly status: number
  readonly etag?: string
  readonly body?: string
}

/** The text of the first element of each name in turn, each within the one before. */
const readXml = (document: string, ...path: readonly string[]): string | undefined =>
  path.reduce<string | undefined>(
    (content, name) => new RegExp(`<${name}(?:\\s[^>]*)?>(.*?)</${name}>`, 's').exec(content ?? '')?.[1],
    document,
  )

const failure = ({ status, code, message }: Failure): Played => ({
  status,
  body: `<ErrorResponse xmlns="http://cloudfront.amazonaws.com/doc/2020-05-31/"><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`,
})

const gone = failure({ status: 404, code: 'EntityNotFound', message: 'It is not there.' })

/** As CloudFront says that a domain is served: with a certificate that was issued and put to use. */
const isActive = ({ isEnabled, certificateArn, managed }: PlayedTenant): boolean =>
  isEnabled && managed?.status === 'issued' && managed.arn === certificateArn

const shown = (tenant: PlayedTenant): Played => ({
  status: 200,
  etag: `E${tenant.version}`,
  body: `<?xml version="1.0"?>
<DistributionTenant xmlns="http://cloudfront.amazonaws.com/doc/2020-05-31/">
  <Id>${tenant.id}</Id><DistributionId>E1</DistributionId><Name>${tenant.name}</Name>
  <Domains><member><Domain>${tenant.domain}</Domain><Status>${isActive(tenant) ? 'active' : 'inactive'}</Status></member></Domains>
  <Customizations>${tenant.certificateArn ? `<Certificate><Arn>${tenant.certificateArn}</Arn></Certificate>` : ''}</Customizations>
  <Enabled>${tenant.isEnabled}</Enabled><Status>Deployed</Status>
</DistributionTenant>`,
})

/**
 * CloudFront's API for distribution tenants, played over HTTP by what its reference says: versions, names that are taken, and
 * that only what is disabled can be deleted. No emulator has it. Lists are of `member`s as its model has them, and every SDK
 * that is made of that; its reference shows the names of types in their place.
 */
export const playCloudFront = async () => {
  const tenants = new Map<string, PlayedTenant>()
  const failures: Failure[] = []
  const failing = new Map<string, Failure>()
  const lost: string[] = []
  const requests: { method: string; path: string; headers: IncomingMessage['headers']; body: string }[] = []
  let count = 0

  const find = (identifier: string): PlayedTenant | undefined =>
    [...tenants.values()].find(({ id, name }) => id === identifier || name === identifier)

  const requestCertificate = (tenant: PlayedTenant): void => {
    count += 1
    tenant.managed = { arn: `arn:aws:acm:us-east-1:1:certificate/${count}`, status: 'pending-validation' }
  }

  const create = (body: string): Played => {
    const name = readXml(body, 'CreateDistributionTenantRequest', 'Name') ?? ''
    const domain = readXml(body, 'CreateDistributionTenantRequest', 'Domains', 'member', 'Domain') ?? ''
    if (find(name)) return failure({ status: 409, code: 'EntityAlreadyExists', message: 'The name is taken.' })
    count += 1
    const tenant: PlayedTenant = { id: `dt_${count}`, name, domain, version: 1, isEnabled: true }
    if (readXml(body, 'ManagedCertificateRequest', 'ValidationTokenHost') === 'cloudfront') requestCertificate(tenant)
    tenants.set(tenant.id, tenant)
    return { ...shown(tenant), status: 201 }
  }

  /** One at a time. */
  const list = (body: string): Played => {
    const distribution = readXml(body, 'ListDistributionTenantsRequest', 'AssociationFilter', 'DistributionId')
    const from = Number(readXml(body, 'ListDistributionTenantsRequest', 'Marker') ?? 0)
    const all = distribution === 'E1' ? [...tenants.values()] : []
    const items = all
      .slice(from, from + 1)
      .map(
        ({ id, domain }) =>
          `<DistributionTenantSummary><Id>${id}</Id><Domains><member><Domain>${domain}</Domain></member></Domains></DistributionTenantSummary>`,
      )
    const next = from + 1 < all.length ? `<NextMarker>${from + 1}</NextMarker>` : ''
    return {
      status: 200,
      body: `<ListDistributionTenantsResult xmlns="http://cloudfront.amazonaws.com/doc/2020-05-31/">${next}<DistributionTenantList>${items.join('')}</DistributionTenantList></ListDistributionTenantsResult>`,
    }
  }

  const change = (tenant: PlayedTenant, body: string): Played => {
    tenant.version += 1
    const enabled = readXml(body, 'UpdateDistributionTenantRequest', 'Enabled')
    if (enabled !== undefined) tenant.isEnabled = enabled === 'true'
    const arn = readXml(body, 'Customizations', 'Certificate', 'Arn')
    if (arn !== undefined) tenant.certificateArn = arn
    if (readXml(body, 'ManagedCertificateRequest', 'PrimaryDomainName') !== undefined) requestCertificate(tenant)
    return shown(tenant)
  }

  const remove = (tenant: PlayedTenant): Played => {
    if (tenant.isEnabled) return failure({ status: 409, code: 'ResourceNotDisabled', message: 'It is enabled.' })
    tenants.delete(tenant.id)
    return { status: 204 }
  }

  const certificateOf = ({ managed }: PlayedTenant): Played => {
    if (managed === undefined) return gone
    const details = `<CertificateArn>${managed.arn}</CertificateArn><CertificateStatus>${managed.status}</CertificateStatus>`
    return { status: 200, body: `<ManagedCertificateDetails>${details}</ManagedCertificateDetails>` }
  }

  const alter = (tenant: PlayedTenant, method: string, ifMatch: string | undefined, body: string): Played => {
    if (ifMatch !== `E${tenant.version}`) {
      return failure({ status: 412, code: 'PreconditionFailed', message: 'It has changed.' })
    }
    return method === 'PUT' ? change(tenant, body) : remove(tenant)
  }

  const answer = (method: string, path: string, ifMatch: string | undefined, body: string): Played => {
    const fails = failing.get(method) ?? failures.shift()
    if (fails !== undefined) return failure(fails)
    if (method === 'POST') return path.endsWith('/distribution-tenants') ? list(body) : create(body)
    const [, , kind, identifier = ''] = path.split('/')
    const tenant = find(identifier)
    if (tenant === undefined) return gone
    if (kind === 'managed-certificate') return certificateOf(tenant)
    return method === 'GET' ? shown(tenant) : alter(tenant, method, ifMatch, body)
  }

  const server = createServer(async (request, response) => {
    const body = await text(request)
    const { method = '', url: path = '', headers } = request
    requests.push({ method, path, headers, body })
    const played = answer(method, path, headers['if-match'], body)
    if (lost[0] === method) {
      lost.shift()
      request.socket.destroy()
      return
    }
    response.writeHead(played.status, {
      'content-type': 'text/xml',
      ...(played.etag === undefined ? {} : { etag: played.etag }),
    })
    response.end(played.body)
  })
  const port = await listening(server)
  return {
    endpoint: `http://127.0.0.1:${port}`,
    tenants,
    requests,
    /** The next calls fail so, one after the other. */
    fail: (...next: readonly Failure[]) => failures.push(...next),
    /** Every call of this method fails so from now on, until the function that it returns is called. */
    failAll: (method: 'DELETE', how: Failure) => {
      failing.set(method, how)
      return () => failing.delete(method)
    },
    /** The next call of this method succeeds, and its reply is lost. */
    loseAnswerTo: (method: 'POST' | 'PUT' | 'DELETE') => lost.push(method),
    close: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}
