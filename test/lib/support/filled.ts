const pseudo: Readonly<Record<string, string>> = {
  'AWS::AccountId': '111122223333',
  'AWS::Partition': 'aws',
  'AWS::Region': 'eu-central-1',
  'AWS::URLSuffix': 'amazonaws.com',
}

/** What stands in for what only a deploy knows. */
export interface StandIns {
  readonly ref: (id: string) => string
  readonly attribute: (id: string, attribute: string) => string
  readonly imported: (name: string) => string
}

/** They have the form of what they stand for: an ARN where it is one. */
const shortStandIns: StandIns = {
  ref: (id) => id,
  attribute: (id, attribute) => (/arn$/i.test(attribute) ? `arn:aws:stand-in:::${id}` : `${id}.${attribute}`),
  imported: (name) => `arn:aws:stand-in:::${name}`,
}

/** What an intrinsic function comes to. */
const call = (name: string, argument: unknown, standIns: StandIns): unknown => {
  switch (name) {
    case 'Ref':
      return pseudo[String(argument)] ?? standIns.ref(String(argument))
    case 'Fn::Join': {
      const [separator, parts] = argument as [string, unknown[]]
      return parts.map((part) => filled(part, standIns)).join(separator)
    }
    case 'Fn::Sub':
      return String(argument).replaceAll(/\$\{([\w:]+)\}/g, (_, reference) => pseudo[reference] ?? reference)
    case 'Fn::GetAtt': {
      const [id, attribute] = argument as [string, string]
      return standIns.attribute(id, attribute)
    }
    case 'Fn::ImportValue':
      return standIns.imported(String(argument))
    default:
      return undefined
  }
}

/** A part of a template as it would be deployed, as far as a test can know. */
export const filled = (value: unknown, standIns: StandIns = shortStandIns): unknown => {
  if (Array.isArray(value)) return value.map((item) => filled(item, standIns))
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value)
  const [first] = entries
  const result = entries.length === 1 && first !== undefined ? call(first[0], first[1], standIns) : undefined
  return result ?? Object.fromEntries(entries.map(([key, item]) => [key, filled(item, standIns)]))
}
