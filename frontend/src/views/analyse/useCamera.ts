import { useEffect, useState } from "react";

/** Why there is no picture from the camera; the translations have a sentence for each. */
export type CameraTrouble = "denied" | "missing" | "busy" | "insecure";

interface Seen {
  stream: MediaStream | null;
  trouble: CameraTrouble | null;
}

/** The camera on the device's back, if it has one there; it is let go when the component goes. `attempt`: another one asks anew. */
export function useCamera(attempt: number): Seen {
  const [seen, setSeen] = useState<Seen>({ stream: null, trouble: null });
  useEffect(() => {
    let isGone = false;
    let opened: MediaStream | null = null;
    const end = () => opened?.getTracks().forEach((track) => track.stop());
    void open().then((found) => {
      opened = found.stream;
      if (isGone) end();
      else setSeen(found);
    });
    return () => {
      isGone = true;
      end();
    };
  }, [attempt]);
  return seen;
}

async function open(): Promise<Seen> {
  const devices = navigator.mediaDevices as MediaDevices | undefined; // only over https, or on this machine
  if (!devices?.getUserMedia) return { stream: null, trouble: "insecure" };
  try {
    const wanted = { facingMode: "environment", width: { ideal: 1920 }, height: { ideal: 1440 } };
    return { stream: await devices.getUserMedia({ video: wanted, audio: false }), trouble: null };
  } catch (error) {
    return { stream: null, trouble: troubleOf(error) };
  }
}

function troubleOf(error: unknown): CameraTrouble {
  const name = error instanceof DOMException ? error.name : "";
  if (name === "NotAllowedError" || name === "SecurityError") return "denied";
  return name === "NotReadableError" || name === "AbortError" ? "busy" : "missing";
}
