/** The parts that all ARNs of one cell have in common. */
export interface Place {
  readonly partition: string
  readonly region: string
  readonly account: string
}

/** @throws {TypeError} where the text is no ARN of a region and an account. */
export const placeOf = (arn: string): Place => {
  const [scheme, partition, , region, account] = arn.split(':')
  if (scheme !== 'arn' || !partition || !region || !account) throw new TypeError(`not an ARN of a region: ${arn}`)
  return { partition, region, account }
}
