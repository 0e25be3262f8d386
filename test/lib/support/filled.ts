const pseudo: Readonly<Record<string, string>> = {
  'AWS::AccountId': '111122223333',
  'AWS::Partition': 'aws',
  'AWS::Region': 'eu-central-1',
  'AWS::URLSuffix': 'amazonaws.com',
}

const joined = (join: readonly [string, readonly unknown[]]): string => join[1].map(filled).join(join[0])

/** What an intrinsic function comes to, or a stand-in of its form: an ARN where it is one. */
const call = (name: string, argument: unknown): unknown => {
  switch (name) {
    case 'Ref':
      return pseudo[String(argument)] ?? String(argument)
    case 'Fn::Join':
      return joined(argument as [string, unknown[]])
    case 'Fn::Sub':
      return String(argument).replaceAll(/\$\{([\w:]+)\}/g, (_, reference) => pseudo[reference] ?? reference)
    case 'Fn::GetAtt': {
      const [id, attribute] = argument as [string, string]
      return /arn$/i.test(attribute) ? `arn:aws:stand-in:::${id}` : `${id}.${attribute}`
    }
    case 'Fn::ImportValue':
      return `arn:aws:stand-in:::${String(argument)}`
    default:
      return undefined
  }
}

/** A part of a template as it would be deployed, as far as a test can know. */
export const filled = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(filled)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value)
  const [first] = entries
  const result = entries.length === 1 && first !== undefined ? call(first[0], first[1]) : undefined
  return result ?? Object.fromEntries(entries.map(([key, item]) => [key, filled(item)]))
}
