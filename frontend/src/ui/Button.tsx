import type { ReactNode } from "react";
import { Button as Pressable, type ButtonProps } from "react-aria-components";

interface Props extends Omit<ButtonProps, "className" | "children"> {
  /** `plain`: of less weight; `quiet`: no frame; `danger`: what cannot be undone. */
  look?: "primary" | "plain" | "quiet" | "danger";
  children: ReactNode;
}

export function Button({ look = "primary", children, ...rest }: Props) {
  return (
    <Pressable {...rest} className={`button ${look}`}>
      {children}
    </Pressable>
  );
}
