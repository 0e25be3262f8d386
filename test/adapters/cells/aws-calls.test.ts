import { describe, expect, test } from 'vitest'
import { asking, askingIfThere, isThrottled } from '../../../adapters/cells/aws-calls.ts'
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
    // https://github.com/eddmann/serverless-fargate/issues/20
    [
      'InvalidParameterException',
      "Error retrieving subnet information for [subnet-1]: The subnet ID 'subnet-1' does not exist (ErrorCode: InvalidSubnetID.NotFound)",
    ],
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

  /**
   * ECS passes on what EC2 answered. Sources: https://github.com/cdklabs/construct-hub/pull/415,
   * https://github.com/dask/dask-cloudprovider/issues/56 and https://github.com/reproio/wrapbox/issues/32; EC2's codes are those of
   * https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html.
   */
  test.each([
    ['security group information for [sg-1]: Request limit exceeded. (ErrorCode: RequestLimitExceeded)', true],
    ['subnet information for [subnet-1]: Rate exceeded (ErrorCode: Throttling)', true],
    [
      'subnet information for [subnet-1]: com.amazonaws.services.ec2.model.AmazonEC2Exception: Request limit exceeded. (Service: AmazonEC2; Status Code: 503; Error Code: RequestLimitExceeded; Request ID: 1)',
      true,
    ],
    ['subnet information for [subnet-1]: An internal error has occurred (ErrorCode: InternalError)', false],
    ['subnet information for [subnet-1]: The service is unavailable. (ErrorCode: Unavailable)', false],
    ['subnet information for [subnet-1]: Try again. (ErrorCode: ServiceUnavailable)', false],
  ])('passes where EC2 could not tell ECS something: %s, throttled %s', async (message, throttled) => {
    const refused = failing('InvalidParameterException', `Error retrieving ${message}`)
    const error: unknown = await asking('make a service', refused).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ kind: 'RuntimeUnavailable' })
    expect(isThrottled(error)).toBe(throttled)
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
