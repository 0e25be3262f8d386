import { renderToString } from 'react-dom/server'
import type { PageProps } from '../settings.ts'
import { MailedScreen } from './other-screens.tsx'
import { SignUpPage } from './sign-up-page.tsx'

/** The HTML of the pages of sign-up before any script, by their path. */
export const firstScreens = (props: PageProps): Readonly<Record<string, string>> => ({
  '': renderToString(<SignUpPage {...props} />),
  mailed: renderToString(
    <SignUpPage {...props}>
      <MailedScreen />
    </SignUpPage>,
  ),
})
