/** Cookie names; over https the browser itself keeps them from being set by plain http. */
export const cookieNames = (origin: string) => {
  const prefix = origin.startsWith('https:') ? '__Secure-' : ''
  return {
    session: `${prefix}db_none`,
    interaction: `${prefix}db_wait`,
    resume: `${prefix}db_resume`,
    /** At the authorization endpoint: the browser that asks already. */
    asks: `${prefix}db_asks`,
  }
}
