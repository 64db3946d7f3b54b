import { type ImgHTMLAttributes, useEffect, useRef } from "react";

/** A picture that is in memory; its address is given back when it is gone. */
export function BlobImage({ blob, alt, ...rest }: ImgHTMLAttributes<HTMLImageElement> & { blob: Blob; alt: string }) {
  const image = useRef<HTMLImageElement>(null);
  useEffect(() => {
    const address = URL.createObjectURL(blob);
    if (image.current) image.current.src = address;
    return () => URL.revokeObjectURL(address);
  }, [blob]);
  return <img {...rest} ref={image} alt={alt} />;
}
