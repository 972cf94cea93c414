import { createContext, useContext } from 'react'

/** Tells the dialog around it, if any, that something was filled in, where no field of the browser does. */
export const TouchContext = createContext<() => void>(() => {})

export const useTouch = () => useContext(TouchContext)
