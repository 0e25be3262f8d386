/** Where an AWS service answers, in the words of the SDK. Empty on AWS, where the SDK finds all by itself. */
export interface ServiceAddress {
  readonly endpoint?: string
  readonly region?: string
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string }
}

/**
 * For services that throttle by account: each client slows down when told to. A silent service is a fault after seconds. The
 * state machine repeats the remaining failures, with jitter.
 */
export const patientSettings = (address: ServiceAddress) =>
  ({
    ...address,
    maxAttempts: 3,
    retryMode: 'adaptive',
    requestHandler: { connectionTimeout: 1000, requestTimeout: 3000, throwOnRequestTimeout: true },
  }) as const
