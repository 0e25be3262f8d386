import { randomUUID } from 'node:crypto'
import { BatchDeleteImageCommand, CreateRepositoryCommand, ECRClient, PutImageCommand } from '@aws-sdk/client-ecr'
import { afterAll, expect, it } from 'vitest'
import { createSiteImages } from '../../../adapters/ecr/site-images.ts'
import { blueprintSchema } from '../../../core/blueprint/blueprint.ts'
import { welcome } from '../../support/provisioning.ts'
import { clientSettings } from '../client-settings.ts'

const client = new ECRClient(clientSettings())
afterAll(() => client.destroy())
const images = createSiteImages(client)
const using = (image: string) => blueprintSchema.parse({ ...welcome(1), containers: [{ name: 'web', image }] })

it('misses an image that is gone, and lets other registries be', async () => {
  const repositoryName = `sitewright/${randomUUID()}`
  const { repository } = await client.send(new CreateRepositoryCommand({ repositoryName }))
  const config = { mediaType: 'application/vnd.oci.image.config.v1+json', size: 2, digest: `sha256:${'a'.repeat(64)}` }
  const mediaType = 'application/vnd.oci.image.manifest.v1+json'
  const imageManifest = JSON.stringify({ schemaVersion: 2, mediaType, config, layers: [] })
  const { image } = await client.send(new PutImageCommand({ repositoryName, imageManifest, imageTag: 'one' }))
  const pinned = `${repository?.repositoryUri}@${image?.imageId?.imageDigest}`
  await images.require(using(pinned))
  await client.send(new BatchDeleteImageCommand({ repositoryName, imageIds: [{ imageTag: 'one' }] }))
  await expect(images.require(using(pinned))).rejects.toMatchObject({ kind: 'BlueprintUnavailable' })
  await expect(images.require(using(pinned.replace(repositoryName, `${repositoryName}-gone`)))).rejects.toMatchObject({
    kind: 'BlueprintUnavailable',
  })
  await images.require(using(`docker.io/library/nginx@sha256:${'b'.repeat(64)}`))
})

it('cannot tell where ECR does not answer', async () => {
  const silent = new ECRClient({ ...clientSettings(), endpoint: 'http://127.0.0.1:9', maxAttempts: 1 })
  const image = `123456789012.dkr.ecr.eu-central-1.amazonaws.com/shop@sha256:${'c'.repeat(64)}`
  await expect(createSiteImages(silent).require(using(image))).rejects.toMatchObject({ kind: 'RuntimeUnavailable' })
  silent.destroy()
})
