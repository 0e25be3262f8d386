import { createServer } from 'node:http'
import { ECRClient } from '@aws-sdk/client-ecr'
import { STSClient } from '@aws-sdk/client-sts'
import { expect, it } from 'vitest'
import { createPushedSoftware, pushPolicy } from '../../../adapters/ecr/pushed-software.ts'
import { listening } from '../../support/listening.ts'
import { welcome } from '../../support/provisioning.ts'

const site = 'site_01jq3v5k8m0000000000000000'
const repository = 'sitewright-test/own/site-01jq3v5k8m0000000000000000'
const arn = `arn:aws:ecr:eu-central-1:123456789012:repository/${repository}`

/** Answers commands by their names, and keeps what was asked. */
const playing = (answers: Readonly<Record<string, object>>) => {
  const asked: { readonly name: string; readonly input: Readonly<Record<string, unknown>> }[] = []
  const send = async (command: { readonly constructor: { readonly name: string }; readonly input: object }) => {
    asked.push({ name: command.constructor.name, input: { ...command.input } })
    return answers[command.constructor.name] ?? {}
  }
  const settings = { region: 'eu-central-1', credentials: { accessKeyId: 'a', secretAccessKey: 'b' } }
  const ecr = Object.assign(new ECRClient(settings), { send })
  return { asked, ecr, sts: Object.assign(new STSClient(settings), { send }) }
}

const Expiration = new Date('2026-03-01T01:00:00.000Z')
const authorizationToken = Buffer.from('AWS:the:token').toString('base64')

it('opens a push to one repository, for as long as its session lives', async () => {
  const { asked, ecr, sts } = playing({
    AssumeRoleCommand: { Credentials: { AccessKeyId: 'k', SecretAccessKey: 's', SessionToken: 't', Expiration } },
    GetAuthorizationTokenCommand: { authorizationData: [{ authorizationToken }] },
  })
  const sessions: object[] = []
  const software = createPushedSoftware({
    ecr,
    sts,
    withCredentials: (credentials) => {
      sessions.push(credentials)
      return ecr
    },
    region: 'eu-central-1',
    installation: 'sitewright-test',
    pushRoleArn: 'arn:aws:iam::123456789012:role/sitewright-test-push',
  })
  expect(await software.pushAccess(site)).toEqual({
    registry: '123456789012.dkr.ecr.eu-central-1.amazonaws.com',
    repository,
    username: 'AWS',
    password: 'the:token',
    expiresAt: '2026-03-01T01:00:00.000Z',
    platform: 'linux/arm64',
  })
  // The token is that of the session, and not that of the function.
  expect(sessions).toEqual([{ accessKeyId: 'k', secretAccessKey: 's', sessionToken: 't' }])
  expect(asked.map(({ name }) => name)).toEqual([
    'CreateRepositoryCommand',
    'AssumeRoleCommand',
    'GetAuthorizationTokenCommand',
  ])
  expect(JSON.parse(String(asked[1]?.input['Policy']))).toEqual(pushPolicy(arn))
})

it('lets a session touch no other repository, and remove nothing', () => {
  const statements = pushPolicy(arn).Statement
  const onImages = statements.filter(({ Action }) => Action !== 'ecr:GetAuthorizationToken')
  expect(onImages.map(({ Resource }) => Resource)).toEqual([arn])
  expect(onImages.flatMap(({ Action }) => Action).filter((action) => /\*|Delete|Create/.test(action))).toEqual([])
})

it('reads no more of a configuration than 1 MiB, whatever its manifest tells', async () => {
  let sent = 0
  const server = createServer((_asked, answer) => {
    const more = () => {
      while (!answer.destroyed && sent < 256 * 2 ** 20) {
        sent += 2 ** 16
        if (!answer.write('x'.repeat(2 ** 16))) return void answer.once('drain', more)
      }
      answer.end()
    }
    more()
  })
  const downloadUrl = `http://127.0.0.1:${await listening(server)}/`
  const [config, digest] = [`sha256:${'a'.repeat(64)}`, `sha256:${'b'.repeat(64)}`]
  const imageManifest = JSON.stringify({ config: { digest: config, size: 1 }, layers: [] })
  const { ecr, sts } = playing({
    BatchGetImageCommand: { images: [{ imageManifest }] },
    GetDownloadUrlForLayerCommand: { downloadUrl },
  })
  const software = createPushedSoftware({
    ...{ ecr, sts, withCredentials: () => ecr, region: 'eu-central-1', installation: 'sitewright-test' },
    pushRoleArn: 'arn:aws:iam::123456789012:role/sitewright-test-push',
  })
  const pinned = software.pin(welcome(1), { siteId: site, images: { web: digest } }, {})
  await expect(pinned).rejects.toThrow('is not whole')
  expect(sent).toBeLessThan(64 * 2 ** 20)
  server.closeAllConnections()
  server.close()
})

it('runs no image that was not pushed: without a way to the internet, a site has only what this registry has', async () => {
  const { ecr, sts } = playing({})
  const software = createPushedSoftware({
    ...{ ecr, sts, withCredentials: () => ecr, region: 'eu-central-1', installation: 'sitewright-test' },
    pushRoleArn: 'arn:aws:iam::123456789012:role/sitewright-test-push',
  })
  const blueprint = welcome(1)
  const [web] = blueprint.containers
  const pinned = { ...blueprint, containers: [{ ...web!, image: `docker.io/library/nginx@sha256:${'a'.repeat(64)}` }] }
  await expect(software.pin(pinned, { siteId: site, images: {} }, {})).rejects.toMatchObject({
    kind: 'BlueprintInvalid',
    fields: [{ path: 'containers.0.image', message: expect.stringContaining('has to be pushed') }],
  })
})

it('removes images of former deployments, but none that was pushed a moment ago', async () => {
  const digest = (letter: string) => `sha256:${letter.repeat(64)}`
  const old = new Date(0)
  const { asked, ecr, sts } = playing({
    DescribeImagesCommand: {
      imageDetails: [
        { imageDigest: digest('a'), imagePushedAt: old },
        { imageDigest: digest('b'), imagePushedAt: old },
        // Its deployment may not have been asked for yet.
        { imageDigest: digest('c'), imagePushedAt: new Date() },
      ],
    },
  })
  const software = createPushedSoftware({
    ...{ ecr, sts, withCredentials: () => ecr, region: 'eu-central-1', installation: 'sitewright-test' },
    pushRoleArn: 'arn:aws:iam::123456789012:role/sitewright-test-push',
  })
  await software.keepOnly(site, [{ images: { web: digest('a') } }] as never)
  const removed = asked.filter(({ name }) => name === 'BatchDeleteImageCommand')
  expect(removed.map(({ input }) => input['imageIds'])).toEqual([[{ imageDigest: digest('b') }]])
})

it('gives credentials to pull no action that writes', () => {
  const [, ofRepository] = pushPolicy('arn:aws:ecr:eu-central-1:1:repository/x', 'pull').Statement
  expect(ofRepository?.Action).toEqual([
    'ecr:BatchCheckLayerAvailability',
    'ecr:BatchGetImage',
    'ecr:GetDownloadUrlForLayer',
  ])
})
