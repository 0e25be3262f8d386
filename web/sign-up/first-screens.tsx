import { renderToStaticMarkup, renderToString } from 'react-dom/server'
import type { Catalogue, LandingSettings, PageProps } from '../settings.ts'
import { Landing } from './landing.tsx'
import { MailedScreen } from './other-screens.tsx'
import { SignUpPage } from './sign-up-page.tsx'

/** The HTML of the pages of sign-up before any script, by their path. */
export const firstScreens = (
  props: PageProps,
  landing: LandingSettings,
  catalogue: Catalogue,
): Readonly<Record<string, string>> => ({
  '': renderToString(
    <SignUpPage
      {...props}
      below={renderToStaticMarkup(<Landing {...props} landing={landing} catalogue={catalogue} />)}
    />,
  ),
  mailed: renderToString(
    <SignUpPage {...props}>
      <MailedScreen />
    </SignUpPage>,
  ),
})
