import { type Accent, onAccent } from '../../core/accent.ts'

/** The tokens that follow from the accents of an offer (web/ui/tokens.css). */
export const coloursCss = ({ light, dark }: Accent): string => `:root{
--accent:light-dark(${light},${dark});
--accent-strong:light-dark(color-mix(in oklab,${light},#000 15%),color-mix(in oklab,${dark},#fff 30%));
--accent-soft:light-dark(color-mix(in srgb,${light} 11%,#fff),color-mix(in srgb,${dark} 18%,#161926));
--on-accent:light-dark(${onAccent.light},${onAccent.dark})}
`
