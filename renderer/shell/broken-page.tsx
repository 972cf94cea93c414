import { Button, ButtonLink } from '../ui/button.tsx'
import { Empty } from '../ui/page.tsx'

/** Shown instead of a page whose code failed; the rest of the app stays usable. */
export function BrokenPage() {
  return (
    <Empty
      icon="warning"
      title="This page could not be shown"
      text="Drawbridge itself keeps running. Reload the page; if it happens again, restart Drawbridge."
      action={<Button onClick={() => location.reload()}>Reload</Button>}
    />
  )
}

export function MissingPage() {
  return (
    <Empty
      icon="info"
      title="There is no such page"
      text="The address may be from an older version of Drawbridge."
      action={<ButtonLink to="/">Go home</ButtonLink>}
    />
  )
}
