import { expect, it } from 'vitest'
import { imageCauseOf } from '../../../lambdas/blueprints/image-cause.ts'

it.each([
  ['registry-unreachable', 'Get "https://registry.invalid/v2/": dial tcp: lookup registry.invalid: no such host'],
  [
    'registry-unreachable',
    'pinging container registry 127.0.0.1:1: Get "http://127.0.0.1:1/v2/": connect: connection refused',
  ],
  ['registry-unreachable', 'CannotPullContainerError: pull image manifest has been retried 5 time(s): i/o timeout'],
  ['image-not-found', 'reading manifest 9 in docker.io/library/node: manifest unknown'],
  ['image-not-found', 'CannotPullContainerError: failed to resolve ref example/shop:1: not found'],
  [
    'credentials-needed',
    "pull access denied for shop, repository does not exist or may require 'docker login': denied",
  ],
  [
    'credentials-needed',
    'unable to retrieve auth token: invalid username/password: unauthorized: authentication required',
  ],
  ['wrong-architecture', 'no matching manifest for linux/arm64/v8 in the manifest list entries: no match for platform'],
  [
    'wrong-architecture',
    'choosing an image from manifest list: no image found in image index for architecture "arm64"',
  ],
  ['wrong-architecture', 'The image shop:1 is made for another architecture: arm64, not amd64.'],
  ['unknown', 'the disk is on fire'],
])('tells %s from the words of an engine or of ECS', (cause, reason) => {
  expect(imageCauseOf(reason)).toBe(cause)
})
