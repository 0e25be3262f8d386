import { describe, expect, it } from 'vitest'
import { filled } from './support/filled.ts'
import { resourcesOf } from './support/resources.ts'
import { synthesise } from './support/synthesise.ts'

const all = await synthesise()
const names = all.names
const template = all.template('control')

const only = (type: string) => {
  const found = resourcesOf(template, type)
  expect(found).toHaveLength(1)
  return found[0]!.Properties
}

describe('operators', () => {
  it('are added by others, and come in by two factors', () => {
    expect(only('AWS::Cognito::UserPool')).toMatchObject({
      AdminCreateUserConfig: { AllowAdminCreateUserOnly: true },
      MfaConfiguration: 'ON',
      EnabledMfas: ['SOFTWARE_TOKEN_MFA'],
      DeletionProtection: 'ACTIVE',
    })
    const groups = resourcesOf(template, 'AWS::Cognito::UserPoolGroup').map(({ Properties }) => Properties.GroupName)
    expect(groups.toSorted()).toEqual(['admin', 'sales', 'support'])
  })

  it('come back to the console alone, by a code, or to their own machine for a token of commands', () => {
    const { AllowedOAuthFlows, CallbackURLs, LogoutURLs, GenerateSecret } = only('AWS::Cognito::UserPoolClient')
    expect(AllowedOAuthFlows).toEqual(['code'])
    // A code alone, without the secret, is refused.
    expect(GenerateSecret).toBe(true)
    expect(CallbackURLs).toEqual(['https://try.example.com/v1/operator/sign-in/callback', 'http://localhost:8976/'])
    expect(LogoutURLs).toEqual(['https://try.example.com/operator/'])
  })
})

describe('images', () => {
  it('that a blueprint says how to build are found by a parameter', () => {
    const parameters = resourcesOf(template, 'AWS::SSM::Parameter').map(({ Properties }) => Properties)
    expect(parameters.map(({ Name }) => Name)).toEqual([names.imageParameter('welcome', 'web')])
    expect(JSON.stringify(filled(parameters[0]?.Value))).toMatch(/\.dkr\.ecr\./)
  })
})
