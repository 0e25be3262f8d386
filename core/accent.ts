/** A colour in the light and in the dark theme, such as `#0f766e`. */
export interface Accent {
  readonly light: string
  readonly dark: string
}

/** That of an installation without its own, as in web/ui/tokens.css. */
export const usualAccent: Accent = { light: '#4338ca', dark: '#a5b0ff' }

export const onAccent = { light: '#ffffff', dark: '#12143a' } as const
