import { expect, it } from 'vitest'
import { contentSecurityPolicy } from '../../../lambdas/_runtime/browser-headers.ts'
import { mailboxPagePolicy } from '../../../local/gateway/mailbox-page.ts'

it.each([contentSecurityPolicy, mailboxPagePolicy])(
  'no page of ours is shown in a frame of another site: %s',
  (policy) => {
    expect(policy).toContain("frame-ancestors 'none'")
  },
)
