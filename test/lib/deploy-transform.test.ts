import { describe, expect, it } from 'vitest'
import { transform } from '../deploy/support/transform.ts'

/** A template in which a function reads something of a resource that the emulator does not know. */
const reading = (Type: string, attribute: string) => ({
  Resources: {
    Peering: { Type },
    Reader: {
      Type: 'AWS::Lambda::Function',
      Properties: { Environment: { Variables: { READ: { 'Fn::GetAtt': ['Peering', attribute] } } } },
    },
  },
})

const where = { routerUrl: 'http://127.0.0.1:4000' }

describe('the transform for the emulator', () => {
  it('leaves out what the emulator does not know, and says what is read of it', () => {
    const { template, leftOut } = transform(reading('AWS::EC2::VPCPeeringConnection', 'Id'), where)
    expect(leftOut).toBe(1)
    expect(Object.keys(template.Resources)).toEqual(['Reader'])
    expect(template.Resources['Reader']?.Properties).toEqual({ Environment: { Variables: { READ: 'pcx-unknown' } } })
  })

  it('refuses by name to leave out what is read and has no stand-in', () => {
    expect(() => transform(reading('AWS::EC2::VPCPeeringConnection', 'Other'), where)).toThrow(
      'Peering.Other is read, and test/deploy/support/transform.ts does not say what stands for it',
    )
  })

  it('keeps a type that is not listed, which the emulator then refuses by name', () => {
    const given = reading('AWS::New::Thing', 'Id')
    const { template, leftOut } = transform(given, where)
    expect([leftOut, template.Resources['Peering']?.Type]).toEqual([0, 'AWS::New::Thing'])
    expect(template.Resources['Reader']?.Properties).toEqual(given.Resources.Reader.Properties)
  })
})
