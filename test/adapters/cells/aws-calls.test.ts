import { describe, expect, test } from 'vitest'
import { asking, askingIfThere } from '../../../adapters/cells/aws-calls.ts'
import { SitewrightError } from '../../../core/errors.ts'

const failing =
  (name: string, message = 'as told') =>
  () =>
    Promise.reject(Object.assign(new Error(message), { name }))

describe('an error of AWS', () => {
  test.each([
    ['InvalidParameterException', 'Invalid CPU'],
    ['ClientException', 'No Fargate configuration exists for given values.'],
    ['UnsupportedFeatureException', 'as told'],
    ['BadRequest', 'as told'],
  ])('is a failed launch where the same call would fail again: %s, %s', async (name, message) => {
    await expect(asking('try', failing(name, message))).rejects.toMatchObject({
      kind: 'LaunchFailed',
      message: `AWS refused to try (${name}): ${message}`,
    })
  })

  test.each([
    ['ThrottlingException', 'Rate exceeded'],
    ['ServerException', 'as told'],
    ['AccessDeniedException', 'as told'],
    ['TimeoutError', 'as told'],
    ['AccessPointLimitExceeded', 'as told'],
    ['ClientException', 'Too many concurrent attempts to create a new revision of the specified family.'],
    ['ClientException', 'Role is not valid'],
    ['ClientException', 'TaskDefinition is inactive'],
    ['InvalidParameterException', 'Unable to Start a service that is still Draining.'],
    ['InvalidParameterException', 'Unable to assume role and validate the listeners'],
  ])('passes otherwise: %s, %s', async (name, message) => {
    await expect(asking('try', failing(name, message))).rejects.toMatchObject({ kind: 'RuntimeUnavailable' })
  })

  test.each([
    ['ServiceNotFoundException', 'as told'],
    ['ServiceNotActiveException', 'as told'],
    ['NoSuchEntityException', 'as told'],
    ['AccessPointNotFound', 'as told'],
    ['ClientException', 'Unable to describe task definition.'],
  ])('is nothing to a caller that can work without: %s, %s', async (name, message) => {
    expect(await askingIfThere('try', failing(name, message))).toBeUndefined()
    await expect(askingIfThere('try', failing('ServerException'))).rejects.toMatchObject({ kind: 'RuntimeUnavailable' })
  })

  test('that is ours already stays what it is', async () => {
    const ours = new SitewrightError('LaunchFailed', 'ours')
    await expect(asking('try', () => Promise.reject(ours))).rejects.toBe(ours)
  })
})
