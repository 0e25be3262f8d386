import type { Template } from 'aws-cdk-lib/assertions'

const hash = /[0-9a-f]{64}/g

/** A template as a snapshot keeps it: without the hashes of assets, which change with all code and not with the stack. */
export const withoutHashes = (template: Template): unknown =>
  JSON.parse(JSON.stringify(template.toJSON()).replaceAll(hash, '<hash>'))
