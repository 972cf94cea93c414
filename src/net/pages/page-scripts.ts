import { createHash } from 'node:crypto'

/**
 * The only scripts of the pages that strangers' browsers see. They hold nothing of anybody's, ask the address of the page they
 * are on how things stand, and load it again when that has changed: a page that reloads itself by the clock cannot be read by
 * everybody (WCAG 2.2.1, 3.2.5). Only an answer of ours (`j`) can say so: what a tunnel says while it has a hiccup would take the page's
 * place, and stay. Without scripts the pages say which link to press.
 */
const lookAgain = (isOver: string, pauseMs: number) =>
  `(async()=>{for(;;){try{const r=await fetch(location.href,{headers:{accept:"application/json"},cache:"no-store",redirect:"error"}),j=await r.json();if(${isOver})return location.replace(location.href)}catch{}await new Promise(d=>setTimeout(d,${pauseMs}))}})()`

const goesOn = (stays: string) =>
  `r.ok?j.state&&j.state!=="${stays}":j.error==="raised"||j.error==="other-browser"`

export const pageScripts = {
  /** The host holds the answer back for a while, so that there is little to pause for. */
  waiting: lookAgain(goesOn('waiting'), 500),
  closed: lookAgain(goesOn('closed'), 3_000),
  busy: lookAgain(goesOn('busy'), 3_000),
  raised: lookAgain('j.error!=="raised"', 3_000),
} as const

export const scriptHashes: string = Object.values(pageScripts)
  .map((script) => `'sha256-${createHash('sha256').update(script).digest('base64')}'`)
  .join(' ')

/** Whether it is one of these scripts that asks, not somebody who opens the page. */
export const asksForState = (accept: string | undefined): boolean => accept === 'application/json'
