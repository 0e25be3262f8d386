import { execFileSync } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { connect, createServer, type TLSSocket } from 'node:tls'
import { expect, it } from 'vitest'
import { defineConfig } from '../../core/config/config.ts'
import { repositoryRoot } from '../../tools/generate-docs.ts'
import { temporaryDirectory } from '../e2e/temporary-directory.ts'
import { canTestWith } from '../support/can-test.ts'
import { resourcesOf } from './support/resources.ts'
import { synthesise } from './support/synthesise.ts'
import { testConfig } from './support/test-config.ts'

const clientCertificateArn = 'arn:aws:acm:us-east-1:123456789012:certificate/0f4e3a2b'

const configWith = (authority: string) => {
  const stage = testConfig.stages['test']!
  const console = { ...stage.console, originCertificate: { clientCertificateArn, authority } }
  return defineConfig({ ...testConfig, stages: { test: { ...stage, console } } })
}

/** The certificates that the documentation's commands make in a directory. */
const makeCertificates = async (directory: string): Promise<void> => {
  const page = await readFile(join(repositoryRoot, 'docs/deploy.md'), 'utf8')
  const commands = /## Mutual TLS[\s\S]*?```sh\n([\s\S]*?)```/.exec(page)?.[1] ?? ''
  expect(commands).toContain('openssl')
  execFileSync('bash', ['-euc', commands], { cwd: directory, stdio: 'pipe' })
}

it('CloudFront shows the certificate, and the API trusts its authority alone', async () => {
  await using directory = await temporaryDirectory()
  const authority = join(directory.path, 'authority.pem')
  await writeFile(authority, '-----BEGIN CERTIFICATE-----\n')
  const { template } = await synthesise(configWith(authority))
  const [distribution] = resourcesOf(template('front'), 'AWS::CloudFront::Distribution')
  const origins: readonly { DomainName: string; CustomOriginConfig?: object }[] =
    distribution?.Properties.DistributionConfig.Origins
  expect(origins.find(({ DomainName }) => DomainName === 'origin.try.example.com')?.CustomOriginConfig).toMatchObject({
    OriginProtocolPolicy: 'https-only',
    OriginMtlsConfig: { ClientCertificateArn: clientCertificateArn },
  })
  const [domain] = resourcesOf(template('api'), 'AWS::ApiGatewayV2::DomainName')
  expect(JSON.stringify(domain?.Properties.MutualTlsAuthentication.TruststoreUri)).toMatch(/s3:\/\/.*[0-9a-f]{64}\.pem/)
})

it('a file that holds a private key is refused', async () => {
  await using directory = await temporaryDirectory()
  const authority = join(directory.path, 'authority.pem')
  await writeFile(authority, '-----BEGIN CERTIFICATE-----\n-----BEGIN PRIVATE KEY-----\n')
  await expect(synthesise(configWith(authority))).rejects.toThrow('no private key')
})

it.skipIf(!canTestWith(['openssl', 'bash'], 'the certificate of CloudFront'))(
  'the documented commands make a certificate that such a server accepts, and it accepts no other',
  async () => {
    await using directory = await temporaryDirectory()
    await makeCertificates(directory.path)
    const file = (name: string) => readFile(join(directory.path, name))
    const [ca, key, cert] = [await file('origin-authority.pem'), await file('client.key'), await file('client.pem')]
    expect(new X509Certificate(cert).keyUsage).toEqual(['1.3.6.1.5.5.7.3.2'])
    // Its own certificate does not matter here.
    const server = createServer({ key, cert, ca, requestCert: true, rejectUnauthorized: true }, (socket) => {
      socket.end('welcome')
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as { port: number }
    const answerTo = (shown: object): Promise<string> =>
      new Promise((resolve) => {
        const socket: TLSSocket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false, ...shown })
        let answer = ''
        socket.on('data', (data) => {
          answer += String(data)
        })
        socket.on('error', () => undefined)
        socket.on('close', () => resolve(answer))
      })
    try {
      expect(await answerTo({ key, cert })).toBe('welcome')
      expect(await answerTo({})).toBe('')
    } finally {
      server.close()
    }
  },
)
